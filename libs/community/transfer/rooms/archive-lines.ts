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
 * and their SHA-256. Bytes are base64. The files of the room lie beside it, named after their ids; their lines hold the
 * SHA-256 of each.
 */

export const ARCHIVE = 'room.jsonl';
export const ARCHIVE_FILES = 'files';
const FORMAT = 'plaza-room-2';
/** Without the sums of files. */
const EARLIER_FORMAT = '{"archive":"plaza-room-1",';
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const headSchema = z.object({
  archive: z.literal(FORMAT),
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  token: z.string(),
  exportedAt: z.number(),
});
export type ArchiveHead = Omit<z.infer<typeof headSchema>, 'archive'>;

/** What a room consists of, and those whom it names. What else there is of people is no room's. */
export const ARCHIVE_TABLES = TRANSFER_TABLES.filter(
  ({ name, ofRooms }) => name === 'users' || ofRooms !== undefined,
);
/** Ids and counters beyond are no server's: those that come after them have to fit into a number, too. */
const INTEGER_MAX = 2 ** 45;
/** 5138 AD. */
const NUMBER_MAX = 1e11;

const rowSchema = z.object({
  table: z.enum(ARCHIVE_TABLES.map(({ name }) => name) as [TransferTable['name']]),
  row: z.record(z.string(), z.unknown()),
  /** Of a file. */
  sha256: sha256Schema.optional(),
});
const imageSchema = z.object({ image: z.object({ roomId: z.int(), fileId: z.int() }) });
const endSchema = z.object({
  end: z.object({
    lines: z.int(),
    sha256: z.string(),
    /** By the key of the server that wrote it, see archive-seal.ts. */
    seal: z.string().optional(),
  }),
});

export const headLine = (head: ArchiveHead): string => JSON.stringify({ archive: FORMAT, ...head });

/** `sha256`: 64 hex digits over the bytes of a file. */
export const rowLine = (
  { name, columns }: TransferTable,
  row: Readonly<Record<string, unknown>>,
  sha256?: string,
): string =>
  JSON.stringify({
    table: name,
    row: Object.fromEntries(columns.map((column) => [column.name, shown(column, row)])),
    sha256,
  });

export const imageLine = (image: { roomId: number; fileId: number }): string => JSON.stringify({ image });
export const endLine = (end: z.infer<typeof endSchema>['end']): string => JSON.stringify({ end });

function shown({ name, kind }: TransferColumn, row: Readonly<Record<string, unknown>>): unknown {
  const value = row[name] ?? null;
  return kind === 'bytes' && value !== null ? (value as Buffer).toString('base64') : value;
}

export function readHead(line: string | undefined): ArchiveHead {
  if (line?.startsWith(EARLIER_FORMAT))
    throw wrongLine(1, 'an earlier version of Plaza wrote it; export the room once more');
  return parsed(headSchema, line, 1);
}

export const readImage = (line: string, at: number) => parsed(imageSchema, line, at).image;
export const readEnd = (line: string | undefined, at: number) => parsed(endSchema, line, at).end;

/** Whether a line is a row; of this table, if one is named. Without looking into it. */
export const isRow = (line: string, table?: string): boolean =>
  line.startsWith(table === undefined ? '{"table":' : `{"table":${JSON.stringify(table)},`);

export interface ArchivedRow {
  table: TransferTable;
  row: TransferRow;
  /** Of the bytes of a file, 64 hex digits. */
  sha256?: string | undefined;
}

export function readRow(line: string, at: number): ArchivedRow {
  const { table: name, row, sha256 } = parsed(rowSchema, line, at);
  const table = ARCHIVE_TABLES.find((one) => one.name === name)!;
  if (!isRow(line, name)) throw wrongLine(at, 'its table is said twice'); // readers of one table go by the beginning
  const unknown = Object.keys(row).filter((column) => !table.names.includes(column));
  if (unknown.length > 0) throw wrongLine(at, `${name} has no column ${unknown[0]}`);
  if (table.numbered && (row['id'] ?? null) === null) throw wrongLine(at, 'id is no id');
  if ((name === 'files') !== (sha256 !== undefined))
    throw wrongLine(at, 'files have a SHA-256, and they alone');
  const values = table.columns.map((column) => [column.name, taken(column, row[column.name] ?? null, at)]);
  return { table, row: Object.fromEntries(values) as TransferRow, sha256 };
}

function taken({ name, of, kind }: TransferColumn, value: unknown, at: number): CopyValue {
  if (value === null) return null;
  if (kind === 'json') return jsonText(value, () => wrongLine(at, `${name} is nested too deeply`));
  if (kind === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64');
  if (kind === 'text' && typeof value === 'string') {
    if (value.includes('\0')) throw wrongLine(at, `${name} holds a NUL`);
    return value;
  }
  if (kind === 'flag' && typeof value === 'boolean') return value;
  if (typeof value === 'number' && value >= 0) {
    if (kind === 'number' && value < NUMBER_MAX) return value;
    if (kind === 'integer' && Number.isInteger(value) && value < INTEGER_MAX) return value;
  }
  throw wrongLine(at, of === undefined ? `${name} has no value of its kind` : `${name} is no id`);
}

/** Parsing takes any depth, writing does not. */
function jsonText(value: unknown, tooDeep: () => Error): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw tooDeep();
  }
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
