import { isNativeError } from 'node:util/types';
import { OperatorError } from '../protocol/operator-error.js';
import { NOT_THERE_CODES, UnavailableError } from '../protocol/unavailable-error.js';

/** PostgreSQL cannot be reached, is starting, stopping or overloaded: try again later. */
export class StorageUnavailableError extends UnavailableError {
  constructor(cause: unknown, message = 'the database is not available') {
    super(message, { cause });
    this.name = 'StorageUnavailableError';
  }
}

/** The files are away, or refuse. The sentence says what is wrong and what to do, and holds no secret. */
export class FilesUnavailableError extends StorageUnavailableError {
  constructor(message: string) {
    super(undefined, message);
    this.name = 'FilesUnavailableError';
  }
}

/** What came from elsewhere breaks a rule of the schema, so nothing of it was taken. Its text is for the operator. */
export class RefusedRowError extends OperatorError {
  override name = 'RefusedRowError';
  constructor(cause: unknown) {
    const { message, table, detail } = cause as Error & { table?: string; detail?: string };
    super(
      `PostgreSQL refuses a row${table === undefined ? '' : ` of ${table}`}, so nothing was changed: ${message}${detail === undefined ? '' : `. ${detail}`}`,
    );
  }
}

const SOCKET_CODES = new Set([...NOT_THERE_CODES, 'EPIPE']);
/** connection exceptions, insufficient resources, shutdown and start-up, lock and statement timeouts */
const UNAVAILABLE_STATES = /^(08...|53...|57P0[1-5]|55P03|57014)$/;
/** `pg` reports these without a code. */
const CLIENT_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout/;
/** Prisma's own: not reachable, too slow, refused by TLS, closed, no connection free. */
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024']);
const CONFLICT_STATES = new Set(['40P01', '40001']);

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/** Turns what `pg` or Prisma throws for an absent or exhausted server into {@link StorageUnavailableError}; leaves the rest alone. */
export function toStorageError(error: unknown): unknown {
  if (error instanceof StorageUnavailableError || !isNativeError(error)) return error;
  const code = codeOf(error);
  const unavailable =
    SOCKET_CODES.has(code) ||
    PRISMA_CODES.has(code) ||
    UNAVAILABLE_STATES.test(code) ||
    CLIENT_MESSAGES.test(error.message);
  return unavailable ? new StorageUnavailableError(error) : error;
}

/** A connection was not made in time, or none of the pool came free. */
export const isConnectTimeout = (error: unknown): boolean =>
  isNativeError(error) && /timeout exceeded when trying to connect|connection timeout/.test(error.message);

/** A query that is still under way on its connection, which takes no other. */
export const isUnanswered = (error: unknown): error is Error =>
  isNativeError(error) && error.message === 'Query read timeout';

export const isRetryableConflict = (error: unknown): boolean => CONFLICT_STATES.has(codeOf(error));

/** Malformed data, or a constraint that it breaks. */
export const isRefusedRow = (error: unknown): boolean => /^(22|23)...$/.test(codeOf(error));

/** Did this unique constraint (or index) refuse the row? */
export function violatesUnique(error: unknown, constraint: string): boolean {
  return codeOf(error) === '23505' && (error as { constraint?: string }).constraint === constraint;
}
