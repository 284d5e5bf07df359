import { OperatorError } from '../../../libs/protocol/operator-error.js';

/** The command cannot do what was asked. The text is all the person sees. */
export class CommandError extends OperatorError {
  override name = 'CommandError';
}

/** What was asked makes no sense, whatever the community is like. Nothing was tried. */
export class CommandUsageError extends CommandError {
  override name = 'CommandUsageError';
}

/** The person does not want to see the end of it (Ctrl-C). */
export class CommandLeftError extends CommandError {
  override name = 'CommandLeftError';
}
