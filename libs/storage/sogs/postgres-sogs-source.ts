import { Client, types } from 'pg';
import { SOURCE_PAGE_ROWS, SogsSource, SogsSourceError, type SourceRow } from './sogs-source.js';

const INT8_OID = 20;
const CONNECT_TIMEOUT_MS = 10_000;
const COLUMNS = `SELECT class.relname AS table, attname AS column
  FROM pg_attribute JOIN pg_class AS class ON class.oid = attrelid
  WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped`;

/** The reference server on PostgreSQL: one read-only snapshot, rows through a cursor. */
export class PostgresSogsSource extends SogsSource {
  private cursors = 0;

  private constructor(private readonly client: Client) {
    super();
  }

  /** Throws {@link SogsSourceError} when it cannot be reached. */
  static async open(url: string): Promise<PostgresSogsSource> {
    const client = new Client({
      connectionString: url,
      application_name: 'plaza import',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      types: { getTypeParser },
    });
    client.on('error', () => undefined); // the query that is under way fails with it
    try {
      await client.connect();
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    } catch (error) {
      await client.end().catch(() => undefined);
      const { message, code } = error as NodeJS.ErrnoException;
      throw new SogsSourceError(`The PostgreSQL to import from cannot be used: ${message || code}`);
    }
    return new PostgresSogsSource(client);
  }

  async columns(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const tables = new Map<string, Set<string>>();
    const { rows } = await this.client.query<{ table: string; column: string }>(COLUMNS);
    for (const { table, column } of rows)
      tables.set(table, (tables.get(table) ?? new Set<string>()).add(column));
    return tables;
  }

  async *pages(query: string): AsyncGenerator<SourceRow[]> {
    const cursor = `plaza_${++this.cursors}`;
    await this.client.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${query}`);
    for (;;) {
      const { rows } = await this.client.query<SourceRow>(`FETCH ${SOURCE_PAGE_ROWS} FROM ${cursor}`);
      if (rows.length > 0) yield rows;
      if (rows.length < SOURCE_PAGE_ROWS) break;
    }
    await this.client.query(`CLOSE ${cursor}`);
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** Beyond 2^53 it stays text, and is refused as no number. */
const int8 = (text: string): number | string => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8_OID ? int8 : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser;
