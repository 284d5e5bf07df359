import type { PoolClient } from 'pg';
import type { Database } from './database.js';

/** Any number that nobody else takes: "plaza" in ASCII. */
const LOCK_KEY = 0x706c617a61;
const TRY = {
  alone: `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS taken`,
  shared: `SELECT pg_try_advisory_lock_shared(${LOCK_KEY}) AS taken`,
};
const RETRY_MS = 1_000;

/** Whether there may be others: those who have Redis in common share the lock. */
export type ServerLockMode = keyof typeof TRY;

/**
 * Held alone by an API process that works without Redis: nonces and rate limits then live in that one process, so a
 * second one on the same database would let requests be replayed. Servers with Redis hold it together, so that one
 * without Redis cannot come in between. It is a session-level advisory lock: PostgreSQL frees it when the process
 * dies.
 */
export class ServerLock {
  private released = false;
  private client: PoolClient | undefined;

  private constructor(
    private readonly database: Database,
    private readonly mode: ServerLockMode,
    private readonly onLost: (reason: string) => void,
  ) {}

  /**
   * Undefined when another process has it in a way that does not go together. After a broken connection (a restart
   * of PostgreSQL) it is taken again; `onLost` is told if somebody else was faster.
   */
  static async acquire(
    database: Database,
    mode: ServerLockMode,
    onLost: (reason: string) => void,
  ): Promise<ServerLock | undefined> {
    const lock = new ServerLock(database, mode, onLost);
    return (await lock.take()) ? lock : undefined;
  }

  release(): void {
    this.released = true;
    this.client?.release(true); // closes the connection and with it the lock
    this.client = undefined;
  }

  private async take(): Promise<boolean> {
    const client = await this.database.dedicatedClient();
    let taken: boolean | undefined;
    try {
      taken = (await client.query<{ taken: boolean }>(TRY[this.mode])).rows[0]?.taken;
    } catch (error) {
      client.release(true);
      throw error;
    }
    if (!taken || this.released) {
      client.release(taken); // closed if the lock was taken too late, and with the connection the lock
      return false;
    }
    this.client = client;
    client.once('error', () => {
      if (this.client !== client) return; // released a moment before it broke
      this.client = undefined;
      client.release(true);
      setTimeout(() => void this.takeAgain(), RETRY_MS).unref();
    });
    return true;
  }

  private async takeAgain(): Promise<void> {
    if (this.released) return;
    try {
      if (!(await this.take()) && !this.released)
        this.onLost('another Plaza server took over this database; several of them all need REDIS_URL');
    } catch {
      setTimeout(() => void this.takeAgain(), RETRY_MS).unref(); // the database is still away
    }
  }
}
