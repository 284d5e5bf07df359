import { MultisetDigest } from '../../crypto/multiset-digest.js';
import type { CopySession } from '../../storage/transfer/copy-session.js';
import {
  tableQuery,
  transferLine,
  type IdMapping,
  type TransferRow,
  type TransferTable,
} from '../../storage/transfer/transfer-tables.js';
import { OperatorError } from '../../protocol/operator-error.js';

const CHUNK_CHARACTERS = 256 * 1024;
const NEWLINE = 10;

/** Stopped by the person who started it. */
export class TransferStoppedError extends OperatorError {
  override name = 'TransferStoppedError';
}

export interface CopiedRows {
  rows: number;
  digest: string;
}

/** Writes rows into a table as they come; in the transaction that the caller has begun. */
export async function copyRows(
  session: CopySession,
  table: TransferTable,
  {
    pages,
    ids,
    signal,
    onRows,
  }: {
    pages: AsyncIterable<TransferRow[]>;
    ids: IdMapping;
    signal?: AbortSignal | undefined;
    onRows?: ((rows: number) => void) | undefined;
  },
): Promise<CopiedRows> {
  const digest = new MultisetDigest();
  async function* text(): AsyncGenerator<Buffer> {
    let chunk = '';
    for await (const page of pages) {
      if (signal?.aborted) throw new TransferStoppedError('Stopped.');
      for (const row of page) {
        const line = transferLine(table, row, ids);
        digest.add(line);
        chunk += line;
        if (chunk.length < CHUNK_CHARACTERS) continue;
        yield Buffer.from(chunk);
        chunk = '';
      }
      onRows?.(page.length);
    }
    if (chunk !== '') yield Buffer.from(chunk);
  }
  const rows = await session.copyIn(table.name, table.names, text());
  return { rows, digest: digest.hex() };
}

/** What lies in a table (or in that of some rooms), to be held against what was written. */
export async function digestTable(
  session: CopySession,
  table: TransferTable,
  {
    rooms,
    onRows,
  }: { rooms?: readonly number[] | undefined; onRows?: ((rows: number) => void) | undefined } = {},
): Promise<CopiedRows> {
  const digest = new MultisetDigest();
  let before = 0;
  for await (const line of linesOf(session.copyOut(tableQuery(table, rooms)))) {
    digest.add(line);
    if (digest.count - before < 1000) continue;
    onRows?.(digest.count - before);
    before = digest.count;
  }
  onRows?.(digest.count - before);
  return { rows: digest.count, digest: digest.hex() };
}

/** Pieces that end anywhere, cut after every newline. */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.subarray(start, end + 1);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest;
}
