import { OperatorError } from '../protocol/operator-error.js';

/** The operator's settings cannot be used. The message is meant to be shown as it is, without a stack. */
export class ConfigError extends OperatorError {
  /** One line each; none contains the value of a secret. */
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}
