import type { Socket } from 'node:net';
import { Client, type Pool, type PoolClient } from 'pg';
import { hearQueries } from './statement-counts.js';
import { StorageUnavailableError } from './storage-errors.js';

export interface SilenceWatchOptions {
  url: string;
  applicationName: string;
  /** PostgreSQL stopped answering, or answers again. */
  onChange?: ((isSilent: boolean) => void) | undefined;
}

const LOOK_EVERY_MS = 500;
/** Somebody waits for an answer, and for so long nothing at all was heard. */
const SILENCE_MS = 3_000;
const PROBE_TIMEOUT_MS = 3_000;

/**
 * Tells a PostgreSQL that says nothing (a machine that froze, a network that lost the connection without a word) from
 * one that takes its time: while somebody waits and nothing is heard over any connection of the pool, it is asked over a
 * fresh one. Without an answer there as well, everybody who waits is told so, and everybody who comes later at once,
 * until it answers.
 */
export class SilenceWatch {
  /** Connections that owe an answer, since when. */
  private readonly owing = new Map<PoolClient, number>();
  private readonly idle = new Set<PoolClient>();
  private readonly timer: NodeJS.Timeout;
  private heardAt = performance.now();
  private isSuspect = false;
  private isSilent = false;
  private isAsking = false;

  constructor(
    pool: Pool,
    private readonly options: SilenceWatchOptions,
  ) {
    pool.on('connect', (client) => this.listenTo(client));
    pool.on('acquire', (client) => this.idle.delete(client));
    pool.on('release', (_error, client) => this.idle.add(client));
    pool.on('remove', (client) => this.forget(client));
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Throws StorageUnavailableError while PostgreSQL is known to say nothing. */
  refuse(): void {
    if (this.isSilent) throw new StorageUnavailableError(undefined, 'the database does not answer');
  }

  /** A connection could not be made in time. */
  suspect(): void {
    this.isSuspect = true;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private listenTo(client: PoolClient): void {
    hearQueries(client, () => {
      if (!this.owing.has(client)) this.owing.set(client, performance.now());
    });
    streamOf(client).on('data', () => (this.heardAt = performance.now()));
    client.on('drain', () => this.owing.delete(client));
    client.on('end', () => this.forget(client));
  }

  private forget(client: PoolClient): void {
    this.owing.delete(client);
    this.idle.delete(client);
  }

  private async look(): Promise<void> {
    if (this.isAsking || !(this.isSilent || this.isSuspect || this.isWaitingInSilence())) return;
    this.isAsking = true;
    const asked = performance.now();
    const answers = (await this.answers()) || this.heardAt > asked;
    this.isAsking = false;
    this.isSuspect = false;
    if (!answers) this.giveUp();
    if (this.isSilent === !answers) return;
    this.isSilent = !answers;
    this.options.onChange?.(this.isSilent);
  }

  private isWaitingInSilence(): boolean {
    const before = performance.now() - SILENCE_MS;
    return this.heardAt < before && [...this.owing.values()].some((since) => since < before);
  }

  private async answers(): Promise<boolean> {
    const client = new Client({
      connectionString: this.options.url,
      application_name: this.options.applicationName,
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
      query_timeout: PROBE_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return true;
    } catch {
      return false;
    } finally {
      void client.end().catch(() => undefined);
    }
  }

  /**
   * What waits fails, and what rests in the pool is not given to anybody: it may be as dead. Connections that are taken
   * and owe nothing are left alone, since they may hold locks that PostgreSQL still knows of.
   */
  private giveUp(): void {
    for (const client of [...this.owing.keys(), ...this.idle])
      streamOf(client).destroy(new Error('Connection terminated: PostgreSQL does not answer'));
  }
}

/** Part of the driver's client, though not of its types. */
const streamOf = (client: PoolClient): Socket =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream;
