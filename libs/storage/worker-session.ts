import type { PoolClient } from 'pg';
import { Database, statement } from './database.js';
import { toStorageError } from './storage-errors.js';

/** Any number that nobody else takes: "work" in ASCII. The second half of each lock says what it is about. */
const LOCK_CLASS = 0x776f726b;
const PRESENCE = 0;
const ANSWER_TIMEOUT_MS = 3_000;
/** The server ends the session of a worker that fell silent: its machine may have died without a word. */
const SILENCE_MAX = '60s';

const WORKERS = statement(
  'worker-session.workers',
  `SELECT count(*) AS count FROM pg_locks WHERE locktype = 'advisory' AND granted
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND classid = ${LOCK_CLASS} AND objid = ${PRESENCE}`,
);

/** Whether any worker is connected to this database. */
export async function isWorkerThere(database: Database): Promise<boolean> {
  return (await database.query<{ count: number }>(WORKERS))[0]!.count > 0;
}

/**
 * A worker's session with PostgreSQL, which shows others that it is there and through which it makes sure that it does
 * something alone. PostgreSQL frees both when the worker dies.
 */
export class WorkerSession {
  private client: PoolClient | undefined;
  private closed = false;
  private readonly under = new Set<number>();
  private turn: Promise<unknown> = Promise.resolve();

  /** `isSeen` false: others should not leave anything to this worker, which does not stay. */
  constructor(
    private readonly database: Database,
    private readonly options: { isSeen: boolean } = { isSeen: true },
  ) {}

  /** Opens the session when it is not there or broke, and shows that it is alive. Throws while the database is away. */
  async keep(): Promise<void> {
    await this.ask(this.client ?? (await this.open()), 'SELECT 1');
  }

  /**
   * Runs `work` unless some worker does the same task just now; undefined then. Throws while the database is away.
   * Should the session break meanwhile, another worker may begin while this one comes to its end.
   */
  async alone<Result>(task: number, work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.under.has(task)) return undefined;
    this.under.add(task);
    try {
      await this.keep();
      const client = this.client;
      if (!client || !(await this.lock(client, task))) return undefined;
      try {
        return await work();
      } finally {
        if (this.client === client) await this.unlock(client, task);
      }
    } finally {
      this.under.delete(task);
    }
  }

  close(): void {
    this.closed = true;
    if (this.client) this.drop(this.client);
  }

  private async open(): Promise<PoolClient> {
    const client = await this.database.dedicatedClient();
    try {
      await query(client, `SET idle_session_timeout = '${SILENCE_MAX}'`);
      if (this.options.isSeen)
        await query(client, 'SELECT pg_advisory_lock_shared($1, $2)', [LOCK_CLASS, PRESENCE]);
    } catch (error) {
      client.release(true);
      throw toStorageError(error);
    }
    // Two may have opened one at the same time, or the worker was closed meanwhile.
    if (this.client || this.closed) {
      client.release(true);
      if (this.client) return this.client;
      throw toStorageError(new Error('Connection terminated'));
    }
    this.client = client;
    client.once('error', () => this.drop(client));
    return client;
  }

  private async lock(client: PoolClient, task: number): Promise<boolean> {
    const text = 'SELECT pg_try_advisory_lock($1, $2) AS taken';
    const [row] = await this.ask<{ taken: boolean }>(client, text, [LOCK_CLASS, task]);
    return row!.taken;
  }

  private async unlock(client: PoolClient, task: number): Promise<void> {
    // A session that cannot even unlock is dropped, and with it the lock.
    await this.ask(client, 'SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, task]).catch(() => undefined);
  }

  /** One after the other, as the driver wants it. A session that fails to answer, or to do so in time, is dropped. */
  private ask<Row>(client: PoolClient, text: string, values: unknown[] = []): Promise<Row[]> {
    const answer = this.turn.then(() => query<Row>(client, text, values));
    this.turn = answer.catch(() => undefined);
    return answer.catch((error: unknown) => {
      this.drop(client);
      throw toStorageError(error);
    });
  }

  private drop(client: PoolClient): void {
    if (this.client !== client) return;
    this.client = undefined;
    client.release(true);
  }
}

async function query<Row>(client: PoolClient, text: string, values: unknown[] = []): Promise<Row[]> {
  const timed = { text, values, query_timeout: ANSWER_TIMEOUT_MS };
  return (await client.query(timed)).rows as Row[];
}
