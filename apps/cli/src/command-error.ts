import { OperatorError } from '../../../libs/protocol/operator-error.js';

/** The command cannot do what was asked. The text is all the person sees. */
export class CommandError extends OperatorError {
  override name = 'CommandError';
}
