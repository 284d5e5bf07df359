import { z } from 'zod';
import type { CopyValue } from '../../../storage/transfer/copy-text.js';
import {
  TRANSFER_TABLES,
  type TransferColumn,
  type TransferRow,
  type TransferTable,
} from '../../../storage/transfer/transfer-tables.js';
import { ImportError } from '../import-error.js';

/*
 * A room as a file of JSON Lines: what it is, a line per row, its image, and the end with the number of lines before it
 * and their SHA-256. Bytes are base64. The files of the room lie beside it, named after their ids.
 */

export const ARCHIVE = 'room.jsonl';
export const ARCHIVE_FILES = 'files';
const FORMAT = 'plaza-room-1';

const headSchema = z.object({
  archive: z.literal(FORMAT),
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  token: z.string(),
  exportedAt: z.number(),
});
export type ArchiveHead = Omit<z.infer<typeof headSchema>, 'archive'>;

const rowSchema = z.object({
  table: z.enum(TRANSFER_TABLES.map(({ name }) => name) as [TransferTable['name']]),
  row: z.record(z.string(), z.unknown()),
});
const imageSchema = z.object({ image: z.object({ roomId: z.int(), fileId: z.int() }) });
const endSchema = z.object({ end: z.object({ lines: z.int(), sha256: z.string() }) });

export const headLine = (head: ArchiveHead): string => JSON.stringify({ archive: FORMAT, ...head });

export const rowLine = ({ name, columns }: TransferTable, row: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    table: name,
    row: Object.fromEntries(columns.map((column) => [column.name, shown(column, row)])),
  });

export const imageLine = (image: { roomId: number; fileId: number }): string => JSON.stringify({ image });
export const endLine = (end: z.infer<typeof endSchema>['end']): string => JSON.stringify({ end });

function shown({ name, kind }: TransferColumn, row: Readonly<Record<string, unknown>>): unknown {
  const value = row[name] ?? null;
  return kind === 'bytes' && value !== null ? (value as Buffer).toString('base64') : value;
}

export const readHead = (line: string | undefined): ArchiveHead => parsed(headSchema, line, 1);
export const readImage = (line: string, at: number) => parsed(imageSchema, line, at).image;
export const readEnd = (line: string | undefined, at: number) => parsed(endSchema, line, at).end;

/** Whether a line is a row; of this table, if one is named. Without looking into it. */
export const isRow = (line: string, table?: string): boolean =>
  line.startsWith(table === undefined ? '{"table":' : `{"table":${JSON.stringify(table)},`);

export function readRow(line: string, at: number): { table: TransferTable; row: TransferRow } {
  const { table: name, row } = parsed(rowSchema, line, at);
  const table = TRANSFER_TABLES.find((one) => one.name === name)!;
  const unknown = Object.keys(row).filter((column) => !table.names.includes(column));
  if (unknown.length > 0) throw wrongLine(at, `${name} has no column ${unknown[0]}`);
  const values = table.columns.map((column) => [column.name, taken(column, row[column.name] ?? null, at)]);
  return { table, row: Object.fromEntries(values) as TransferRow };
}

function taken({ name, of, kind }: TransferColumn, value: unknown, at: number): CopyValue {
  if (value === null) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (of !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 0))
    throw wrongLine(at, `${name} is no id`);
  if (kind === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64');
  if (typeof value === 'string' && value.includes('\0')) throw wrongLine(at, `${name} holds a NUL`);
  if (kind === 'plain' && ['string', 'number', 'boolean'].includes(typeof value)) return value as CopyValue;
  throw wrongLine(at, `${name} has no value of its kind`);
}

export const wrongLine = (at: number, why: string): ImportError =>
  new ImportError(`Line ${at} of ${ARCHIVE} cannot be used: ${why}. Nothing was changed.`);

function parsed<Value>(schema: z.ZodType<Value>, line: string | undefined, at: number): Value {
  let value: unknown;
  try {
    value = JSON.parse(line ?? '');
  } catch {
    throw wrongLine(at, 'it is no JSON; is the file cut off?');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw wrongLine(at, 'it is not what belongs there');
  return result.data;
}
