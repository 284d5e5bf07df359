import { stat } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { SOURCE_PAGE_ROWS, SogsSource, SogsSourceError, type SourceRow } from './sogs-source.js';

const BUSY_TIMEOUT_MS = 5_000;
const FIRST_BYTES = 'SQLite format 3\0';

/** A file of SQLite, read by the SQLite that Node brings along. */
export class SqliteSogsSource extends SogsSource {
  private constructor(
    private readonly path: string,
    private readonly database: DatabaseSync,
  ) {
    super();
  }

  /** Throws {@link SogsSourceError} for what is no sound database, and for one that stays locked. */
  static async open(path: string): Promise<SqliteSogsSource> {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw new SogsSourceError(`There is no file ${path}.`);
    const { DatabaseSync } = await sqliteOfNode();
    const database = explained(
      path,
      () => new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS }),
    );
    const source = new SqliteSogsSource(path, database);
    try {
      source.begin();
    } catch (error) {
      database.close();
      throw error;
    }
    return source;
  }

  columns(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const tables = new Map<string, Set<string>>();
    const rows = this.read(
      `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master AS t, pragma_table_info(t.name) AS c
       WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
    );
    for (const { table, column } of rows) {
      const known = tables.get(String(table)) ?? new Set<string>();
      tables.set(String(table), known.add(String(column)));
    }
    return Promise.resolve(tables);
  }

  async *pages(query: string): AsyncGenerator<SourceRow[]> {
    const rows = this.read(query)[Symbol.iterator]();
    for (;;) {
      const page: SourceRow[] = [];
      explained(this.path, () => {
        while (page.length < SOURCE_PAGE_ROWS) {
          const { done, value } = rows.next();
          if (done) break;
          page.push(value);
        }
      });
      if (page.length > 0) yield page;
      if (page.length < SOURCE_PAGE_ROWS) return;
    }
  }

  close(): Promise<void> {
    this.database.close();
    return Promise.resolve();
  }

  /** From here on the file is read as it is now; a cut or damaged one is found out before anything else. */
  private begin(): void {
    explained(this.path, () => this.database.exec('PRAGMA query_only = true; BEGIN'));
    const [health] = this.read('PRAGMA quick_check(1)');
    const verdict = String(health?.['quick_check']);
    if (verdict !== 'ok')
      throw new SogsSourceError(`${this.path} is damaged. SQLite says: ${verdict.slice(0, 200)}`);
  }

  private read(query: string): Iterable<SourceRow> {
    return explained(this.path, () => this.database.prepare(query).iterate() as Iterable<SourceRow>);
  }
}

async function sqliteOfNode(): Promise<typeof import('node:sqlite')> {
  try {
    return await import('node:sqlite');
  } catch {
    throw new SogsSourceError(
      `Node ${process.versions.node} cannot read SQLite. Run bin/plaza or npx plaza, which bring a newer Node along, or install Node 24.`,
    );
  }
}

/** What SQLite throws, as a sentence for the operator. */
function explained<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { message, errcode, code } = error as Error & { errcode?: number; code?: string };
    if (code === 'ERR_OUT_OF_RANGE') throw new SogsSourceError(`${path} holds a number beyond 2^53.`);
    if (errcode === undefined) throw error;
    const busy = /locked|busy/i.test(message);
    throw new SogsSourceError(
      busy
        ? `${path} is locked by another program. Try again, or stop the server that uses it.`
        : `${path} cannot be read as a database (is it whole, and does it begin with "${FIRST_BYTES.trim().slice(0, 15)}"?). SQLite says: ${message}`,
    );
  }
}
