import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { statement, type Queries } from './database.js';
import { StorageUnavailableError, toStorageError } from './storage-errors.js';

export interface PostgresNotificationsOptions {
  url: string;
  /** An SQL name. */
  channel: string;
  applicationName: string;
  /** The connection broke; it is made again, with growing pauses. */
  onConnectionLost?: () => void;
  /** How often the connection is asked whether it is still there. */
  heartbeatMs?: number;
}

export interface NotificationHandlers {
  onText(text: string): void;
  /** The connection was lost and is there again: texts may have been missed. */
  onReconnected(): void;
}

/** What servers tell each other; it stays within the database. */
export const CHANGES_CHANNEL = 'plaza_changes';

const NOTIFY = statement('notify', 'SELECT pg_notify($1, $2)');

/** PostgreSQL takes less than 8000 bytes. */
const TEXT_BYTES_MAX = 7_900;
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 5_000;
/** A connection that only listens would not notice that the other end is gone without a word. */
const HEARTBEAT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
const RECONNECT_PAUSE_MIN_MS = 100;
const RECONNECT_PAUSE_MAX_MS = 5_000;

/** LISTEN and NOTIFY on one channel, over one connection of its own that is made again when it breaks. */
export class PostgresNotifications {
  readonly textBytesMax = TEXT_BYTES_MAX;
  private client: Client | undefined;
  private handlers: NotificationHandlers | undefined;
  private isClosed = false;
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(private readonly options: PostgresNotificationsOptions) {
    this.heartbeat = setInterval(() => void this.beat(), options.heartbeatMs ?? HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /** Throws StorageUnavailableError when PostgreSQL is away. */
  static async open(options: PostgresNotificationsOptions): Promise<PostgresNotifications> {
    const notifications = new PostgresNotifications(options);
    try {
      notifications.client = await notifications.connect();
    } catch (error) {
      await notifications.close();
      throw error;
    }
    return notifications;
  }

  /** From now on texts are handed on, those that were sent by this very connection too. */
  start(handlers: NotificationHandlers): void {
    this.handlers = handlers;
  }

  /** Throws StorageUnavailableError while the connection is away. */
  async send(text: string): Promise<void> {
    const { client } = this;
    if (!client) throw new StorageUnavailableError(undefined);
    try {
      await client.query({ ...NOTIFY, values: [this.options.channel, text] });
    } catch (error) {
      this.lost(client);
      throw new StorageUnavailableError(error);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.heartbeat);
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  /** Connected and listening, or an error. */
  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.options.url,
      application_name: this.options.applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ payload = '' }) => this.handlers?.onText(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.options.channel)}`);
      return client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw toStorageError(error);
    }
  }

  private async beat(): Promise<void> {
    const { client } = this;
    if (!client) return;
    try {
      await client.query('SELECT 1');
    } catch {
      this.lost(client);
    }
  }

  private lost(client: Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    void client.end().catch(() => undefined); // with a query unanswered this cuts the connection
    this.options.onConnectionLost?.();
    void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    for (
      let pause = RECONNECT_PAUSE_MIN_MS;
      !this.isClosed;
      pause = Math.min(pause * 2, RECONNECT_PAUSE_MAX_MS)
    ) {
      await delay(pause, undefined, { ref: false });
      const client = await this.connect().catch(() => undefined);
      if (!client) continue;
      if (this.isClosed) return void client.end().catch(() => undefined);
      this.client = client;
      this.handlers?.onReconnected();
      return;
    }
  }
}

/** Sends to those who listen for changes, over connections that others use too, and hears nothing. */
export const notificationSender = (queries: Queries) => ({
  textBytesMax: TEXT_BYTES_MAX,
  start: (): void => undefined,
  send: async (text: string): Promise<void> => {
    await queries.query(NOTIFY, [CHANGES_CHANNEL, text]);
  },
  close: (): Promise<void> => Promise.resolve(),
});
