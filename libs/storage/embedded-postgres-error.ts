import { OperatorError } from '../protocol/operator-error.js';

/** The bundled database could not be made or started. The text says what to do. */
export class EmbeddedPostgresError extends OperatorError {
  override name = 'EmbeddedPostgresError';
}
