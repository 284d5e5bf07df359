import { Client, types } from 'pg';
import { from, to } from 'pg-copy-streams';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isRefusedRow, isRetryableConflict, RefusedRowError, toStorageError } from '../storage-errors.js';

/** What a transaction may see and do. */
export type TransactionMode = 'read and write' | 'snapshot';

const BEGIN: Readonly<Record<TransactionMode, string>> = {
  'read and write': 'BEGIN',
  // All statements see the database as it was at the first one, while others go on writing.
  snapshot: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
};
const INT8_OID = 20;
const PAGE_ROWS = 500;
const CHUNK_BYTES = 256 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A connection of one's own for moving whole tables: no time limits, and rows as streams of COPY text. It is for one
 * thing after the other.
 */
export class CopySession {
  private cursors = 0;

  private constructor(private readonly client: Client) {}

  static async open(url: string, applicationName: string): Promise<CopySession> {
    const client = new Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      types: { getTypeParser },
    });
    client.on('error', () => undefined); // whatever it is, the query that is under way fails with it
    try {
      await client.connect();
      // What COPY writes must not depend on an operator's settings.
      await client.query(
        `SET extra_float_digits = 1; SET bytea_output = 'hex'; SET client_encoding = 'UTF8'`,
      );
    } catch (error) {
      await client.end().catch(() => undefined);
      throw toStorageError(error);
    }
    return new CopySession(client);
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  /** int8 comes as number. */
  async rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.client.query({ text, values: [...values] })).rows as Row[];
    } catch (error) {
      throw toStorageError(error);
    }
  }

  /** All of `work` or nothing. */
  async transaction<Result>(mode: TransactionMode, work: () => Promise<Result>): Promise<Result> {
    await this.rows(BEGIN[mode]);
    try {
      const result = await work();
      await this.rows('COMMIT');
      return result;
    } catch (error) {
      await this.rows('ROLLBACK').catch(() => undefined);
      if (isRefusedRow(error)) throw new RefusedRowError(error);
      throw isRetryableConflict(error) ? toStorageError(error) : error;
    }
  }

  /** Rows of a query in pages, in the transaction that was begun. */
  async *pages<Row>(query: string): AsyncGenerator<Row[]> {
    const cursor = `plaza_${++this.cursors}`;
    await this.rows(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${query}`);
    for (;;) {
      const page = await this.rows<Row>(`FETCH ${PAGE_ROWS} FROM ${cursor}`);
      if (page.length > 0) yield page;
      if (page.length < PAGE_ROWS) break;
    }
    await this.rows(`CLOSE ${cursor}`);
  }

  /** Rows of a table as COPY text in pieces of any size. Returns how many rows there were. */
  async copyIn(table: string, columns: readonly string[], text: AsyncIterable<Buffer>): Promise<number> {
    const copy = this.client.query(
      from(`COPY ${quoted(table)} (${columns.map(quoted).join(', ')}) FROM STDIN`),
    );
    await pipeline(Readable.from(text, { objectMode: true, highWaterMark: 2 }), copy);
    return copy.rowCount;
  }

  /** The rows of a query as COPY text, in pieces that end anywhere. Whoever starts reads to the end. */
  async *copyOut(query: string): AsyncGenerator<Buffer> {
    const stream = this.client.query(to(`COPY (${query}) TO STDOUT`));
    let [pieces, size] = [[] as Buffer[], 0];
    for await (const piece of stream as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size < CHUNK_BYTES) continue;
      yield Buffer.concat(pieces);
      [pieces, size] = [[], 0];
    }
    if (size > 0) yield Buffer.concat(pieces);
  }
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8_OID ? Number : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser;
