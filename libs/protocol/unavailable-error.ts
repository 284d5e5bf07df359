import { OperatorError } from './operator-error.js';

/** Why a connection to another program could not be made: it is not there, or not yet. */
export const NOT_THERE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

/**
 * Something that the server needs (its database, Redis) cannot be reached, is starting or overloaded: try again
 * later. Each kind has a class of its own where it arises; the dispatcher answers all of them with 503.
 */
export class UnavailableError extends OperatorError {
  override name = 'UnavailableError';
}
