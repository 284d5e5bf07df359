import { setTimeout as delay } from 'node:timers/promises';
import {
  createRedisBackend,
  PostgresConnection,
  PostgresQueueBackend,
  runMigrations,
  type BackendFactory,
  type IQueueBackend,
  type PgQueryResult,
} from 'bullmq';
import { QUEUE_RETRY_MS } from './queues.js';

type ListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;

/** Longest wait for a notification before a worker looks by itself. */
const BLOCK_SECONDS_MAX = 10;
/** Every queue and worker of a process listens to its one connection; there are some 16. */
const LISTENERS_MAX = 50;

/**
 * One connection to PostgreSQL for all queues of a process: the pool that it is given, which should have room for one
 * LISTEN besides the queries. BullMQ's own remembers for ever that it could not connect at first; this one tries again.
 */
export class PatientConnection extends PostgresConnection {
  private opened: Promise<void> | undefined;
  private listening: ListenClient | undefined;

  constructor(...args: ConstructorParameters<typeof PostgresConnection>) {
    super(...args);
    this.setMaxListeners(LISTENERS_MAX);
  }

  /** BullMQ's tables are there and up to date. */
  override waitUntilReady(): Promise<void> {
    this.opened ??= this.open().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  /** Several queues LISTEN at the same moment; the driver wants one query after the other. */
  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    if (this.listening === client) return client;
    this.listening = client;
    const query = client.query.bind(client);
    let turn: Promise<unknown> = Promise.resolve();
    client.query = <Row>(text: string, values?: readonly unknown[]): Promise<PgQueryResult<Row>> => {
      const result = turn.then(() => query<Row>(text, values));
      turn = result.catch(() => undefined);
      return result;
    };
    return client;
  }

  private async open(): Promise<void> {
    const client = await this.pool.connect();
    let failed = true;
    try {
      await runMigrations(client, this.schema);
      failed = false;
    } finally {
      client.release(failed);
    }
  }
}

/** A queue on a {@link PatientConnection}, which outlives it. */
class PatientPostgresBackend extends PostgresQueueBackend {
  override waitUntilReady(): Promise<void> {
    return this.connection.waitUntilReady();
  }

  /** BullMQ would trust in notifications for an hour, although none tells that a delayed job is due. */
  override get maximumBlockTimeout(): number {
    return BLOCK_SECONDS_MAX;
  }

  override async close(): Promise<void> {
    this.closing ??= this.disconnectBlocking();
    await this.closing;
  }

  override disconnect(): Promise<void> {
    return this.close();
  }
}

/**
 * For BullMQ's classes: on PostgreSQL when their connection is a {@link PatientConnection}, else on Redis.
 * A worker that cannot get its next job asks again at once, as long as BullMQ does not take the error for one of the
 * connection (and of PostgreSQL's it knows one). Without a pause that is a loop that lets nothing else run.
 */
export const patientBackend: BackendFactory = (name, options, factoryOptions) => {
  const { connection } = options;
  const backend: IQueueBackend =
    connection instanceof PatientConnection
      ? new PatientPostgresBackend(connection, name, options as never)
      : createRedisBackend(name, options, factoryOptions);
  const claim = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...args) => {
    try {
      return await claim(...args);
    } catch (error) {
      await delay(QUEUE_RETRY_MS);
      throw error;
    }
  };
  return backend;
};
