import { OperatorError } from './operator-error.js';

/**
 * Something that the server needs (its database, Redis) cannot be reached, is starting or overloaded: try again
 * later. Each kind has a class of its own where it arises; the dispatcher answers all of them with 503.
 */
export class UnavailableError extends OperatorError {
  override name = 'UnavailableError';
}
