import type { SourceRow } from '../../../storage/sogs/sogs-source.js';

/** A column holds something of another kind: SQLite lets anything in. */
export class BadValueError extends Error {
  override name = 'BadValueError';
}

/** Later than any of us: 5138 AD. */
const TIME_MAX = 1e11;

export const flagOf = (row: SourceRow, column: string): boolean => optionalFlagOf(row, column) ?? bad(column);

export function optionalFlagOf(row: SourceRow, column: string): boolean | null {
  const value = row[column] ?? null;
  if (value === null || typeof value === 'boolean') return value;
  if (value === 0 || value === 1) return value === 1;
  return bad(column);
}

export const integerOf = (row: SourceRow, column: string): number =>
  optionalIntegerOf(row, column) ?? bad(column);

/** Not negative: everything that we take is a count, a size or an id. */
export function optionalIntegerOf(row: SourceRow, column: string): number | null {
  const value = row[column] ?? null;
  if (value === null) return null;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : bad(column);
}

export const timeOf = (row: SourceRow, column: string): number => optionalTimeOf(row, column) ?? bad(column);

/** Unix seconds. */
export function optionalTimeOf(row: SourceRow, column: string): number | null {
  const value = row[column] ?? null;
  if (value === null) return null;
  return typeof value === 'number' && value >= 0 && value < TIME_MAX ? value : bad(column);
}

export const textOf = (row: SourceRow, column: string): string => optionalTextOf(row, column) ?? bad(column);

export function optionalTextOf(row: SourceRow, column: string): string | null {
  const value = row[column] ?? null;
  return value === null || typeof value === 'string' ? value : bad(column);
}

/** Text counts as its bytes: the reference declares some columns of bytes as text. */
export function optionalBytesOf(row: SourceRow, column: string): Buffer | null {
  const value = row[column] ?? null;
  if (value === null) return null;
  if (typeof value === 'string') return Buffer.from(value);
  if (!(value instanceof Uint8Array)) return bad(column);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function bad(column: string): never {
  throw new BadValueError(column);
}
