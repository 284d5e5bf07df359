import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, types as pgTypes, type PoolClient } from 'pg';
import { ifCommitted, type Change } from '../protocol/change.js';
import { PrismaClient } from './generated/client.js';
import { SilenceWatch } from './silence-watch.js';
import type { Statement } from './statement.js';
import { tracedCall } from '../tracing/spans.js';
import { countStatements } from './statement-counts.js';
import { isConnectTimeout, isRetryableConflict, isUnanswered, toStorageError } from './storage-errors.js';

export { statement, type Statement } from './statement.js';

/** Anything that can run a statement: the pool, or a transaction. */
export interface Queries {
  /** int8 comes back as `number` (an unsafe one throws), bytea as Buffer, float8 as number. */
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * Whoever writes says what that changes: it is passed on once it is committed, before the writer goes on. Outside of
   * a transaction that is now, and the writer waits for it.
   */
  changed(change: Change): Promise<void> | void;
}

/** A running transaction. Repository methods that must be part of one ask for this type. */
export interface Transaction extends Queries {
  readonly inTransaction: true;
}

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  onConnectionLost?: (error: Error) => void;
  /** Called when PostgreSQL stops answering without a word, and when it answers again. */
  onSilence?: (isSilent: boolean) => void;
}

type ChangeListener = (changes: readonly Change[]) => Promise<void> | void;

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 20_000;
/** For a connection that is dead while others live, so that PostgreSQL cannot keep to the above. */
const ANSWER_TIMEOUT_MS = 22_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const CONFLICT_ATTEMPTS_MAX = 3;
/** Times the attempt that failed, and up to as much again. */
const CONFLICT_PAUSE_MS = 20;
const POSTGRESQL = { 'db.system.name': 'postgresql' };

/**
 * The one door to PostgreSQL. Hot statements and every transaction go through `pg` with named statements;
 * `typed` serves typed reads and lists that no client waits for every few seconds. Both share one pool.
 */
export class Database {
  /** How often each statement was sent, by name. */
  readonly statementCounts = new Map<string, number>();
  /** Connection string; contains the password. */
  readonly url: string;
  private readonly pool: Pool;
  private readonly silence: SilenceWatch;
  private readonly changeListeners: ChangeListener[] = [];
  private prismaClient: PrismaClient | undefined;

  constructor(options: DatabaseOptions) {
    this.url = options.url;
    this.pool = new Pool({
      connectionString: options.url,
      max: options.poolSize,
      application_name: options.applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    });
    // One that is being closed may still hear that the server ends too.
    this.pool.on('error', (error) => this.pool.ending || options.onConnectionLost?.(error));
    this.pool.on('connect', (client) => {
      // From the first moment: the server may say goodbye in the same breath in which it lets us in.
      client.on('error', ignore);
      countStatements(client, this.statementCounts);
    });
    const { url, applicationName, onSilence } = options;
    this.silence = new SilenceWatch(this.pool, { url, applicationName, onChange: onSilence });
  }

  /** Connections at most. */
  get poolSize(): number {
    return this.pool.options.max;
  }

  /** Of the pool, and how many wait for one. */
  get connections(): { total: number; idle: number; waiting: number } {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.pool;
    return { total, idle, waiting };
  }

  /**
   * `listener` is told of what was committed through this object before whoever wrote it goes on, who also waits for
   * what it returns. It must not throw or reject, nor take long.
   */
  onCommitted(listener: ChangeListener): void {
    this.changeListeners.push(listener);
  }

  changed(change: Change): Promise<void> | void {
    return this.tell([change]);
  }

  /** A typed read. The client is made on first use: most commands and the hot path never need it. */
  async typed<Result>(read: (prisma: PrismaClient) => Promise<Result>): Promise<Result> {
    this.silence.refuse();
    this.prismaClient ??= new PrismaClient({ adapter: new PrismaPg(this.pool) });
    try {
      const prisma = this.prismaClient;
      return await tracedCall('typed read', POSTGRESQL, () => read(prisma));
    } catch (error) {
      throw this.failure(error);
    }
  }

  async query<Row>({ name, text }: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    this.silence.refuse();
    try {
      const result = await tracedCall(name, POSTGRESQL, () =>
        this.pool.query({ name, text, values: [...values], types }),
      );
      return result.rows as Row[];
    } catch (error) {
      throw this.failure(error);
    }
  }

  /**
   * Runs `work` in one READ COMMITTED transaction: committed when it resolves, rolled back when it throws.
   * A deadlock or serialization failure is retried from the start, a moment later and up to three attempts in all, so
   * `work` must not have effects elsewhere.
   */
  async transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      this.silence.refuse();
      try {
        const { result, told } = await tracedCall('transaction', POSTGRESQL, () => this.runTransaction(work));
        await told;
        return result;
      } catch (error) {
        if (attempt >= CONFLICT_ATTEMPTS_MAX || !isRetryableConflict(error)) throw this.failure(error);
        // A row that was let go is anybody's: without a head start for the other, both may meet again at once.
        await delay(attempt * CONFLICT_PAUSE_MS * (1 + Math.random()));
      }
    }
  }

  private async runTransaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
  ): Promise<{ result: Result; told: Promise<void> | void }> {
    const client = await this.pool.connect();
    const changes: Change[] = [];
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(transactionOn(client, changes));
      await client.query('COMMIT').catch((error: unknown) => {
        // When the answer does not arrive it may be committed all the same.
        void this.tell(changes.map(ifCommitted));
        throw error;
      });
      return { result, told: this.tell(changes) };
    } catch (error) {
      if (isUnanswered(error)) broken = error;
      else await client.query('ROLLBACK').catch((rollbackError: Error) => (broken = rollbackError));
      throw error;
    } finally {
      // A connection that could not even roll back is not given to anybody else.
      client.release(broken);
    }
  }

  /** A connection of one's own, outside the pool's turn-taking, for session-level advisory locks. */
  async dedicatedClient(): Promise<PoolClient> {
    this.silence.refuse();
    try {
      return await this.pool.connect();
    } catch (error) {
      throw this.failure(error);
    }
  }

  private failure(error: unknown): unknown {
    if (isConnectTimeout(error)) this.silence.suspect();
    return toStorageError(error);
  }

  private tell(changes: readonly Change[]): Promise<void> | void {
    if (changes.length === 0) return;
    const waited = this.changeListeners
      .map((listener) => listener(changes))
      .filter((one) => one !== undefined);
    if (waited.length > 0) return Promise.all(waited).then(() => undefined);
  }

  async close(): Promise<void> {
    this.silence.close();
    await this.prismaClient?.$disconnect();
    await this.pool.end();
  }
}

/** A connection that breaks says so to its query, and in an event that would end the process if nobody listened. */
const ignore = (): void => undefined;

function transactionOn(client: PoolClient, changes: Change[]): Transaction {
  return {
    inTransaction: true,
    changed: (change) => void changes.push(change),
    async query<Row>({ name, text }: Statement, values: readonly unknown[] = []): Promise<Row[]> {
      const result = await tracedCall(name, POSTGRESQL, () =>
        client.query({ name, text, values: [...values], types }),
      );
      return result.rows as Row[];
    },
  };
}

const INT8_OID = 20;

/** int8 as number, asserted to be exact; everything else as `pg` does it. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID
      ? parseInt8
      : pgTypes.getTypeParser(oid, format as 'text')) as typeof pgTypes.getTypeParser,
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('an int8 beyond 2^53 came out of the database');
  return value;
}
