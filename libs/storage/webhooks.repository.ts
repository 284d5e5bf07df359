import { Injectable } from '@nestjs/common';
import type { RoomToken } from '../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from './database.js';

/** A webhook as it is stored. Times are Unix seconds. */
export interface WebhookRecord {
  id: number;
  /** Null: of the whole server. */
  roomId: number | null;
  room: RoomToken | null;
  name: string;
  url: string;
  events: string[];
  salt: Buffer;
  oldSalt: Buffer | null;
  oldSaltUntil: number | null;
  paused: boolean;
  pauseReason: string | null;
  failures: number;
  failingSince: number | null;
  nextAttemptAt: number;
  version: number;
  createdAt: number;
}

/** What people change. */
export type WebhookFields = Pick<
  WebhookRecord,
  'name' | 'url' | 'events' | 'paused' | 'pauseReason' | 'salt' | 'oldSalt' | 'oldSaltUntil'
>;

const COLUMNS = `webhooks.id, room_id AS "roomId", rooms.token AS room, webhooks.name, url, events, salt,
  old_salt AS "oldSalt", old_salt_until AS "oldSaltUntil", paused, pause_reason AS "pauseReason", failures,
  failing_since AS "failingSince", next_attempt_at AS "nextAttemptAt", version, webhooks.created_at AS "createdAt"`;
const TABLES = `webhooks LEFT JOIN rooms ON rooms.id = room_id`;

const LIST = statement('webhooks.list', `SELECT ${COLUMNS} FROM ${TABLES} ORDER BY webhooks.id`);
const FIND = statement('webhooks.find', `SELECT ${COLUMNS} FROM ${TABLES} WHERE webhooks.id = $1`);
const LOCK = statement(
  'webhooks.lock',
  `SELECT ${COLUMNS} FROM ${TABLES} WHERE webhooks.id = $1 FOR NO KEY UPDATE OF webhooks`,
);
const INSERT = statement(
  'webhooks.insert',
  // None beyond so many; two who come at once may make one more, which does no harm.
  `INSERT INTO webhooks (room_id, name, url, events, salt, created_at)
   SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM webhooks) < $7 RETURNING id`,
);
const UPDATE = statement(
  'webhooks.update',
  `UPDATE webhooks SET name = $2, url = $3, events = $4, paused = $5, pause_reason = $6, salt = $7, old_salt = $8,
     old_salt_until = $9, failures = 0, failing_since = NULL, next_attempt_at = 0, version = version + 1 WHERE id = $1`,
);
const PAUSE = statement(
  'webhooks.pause',
  `UPDATE webhooks SET paused = true, pause_reason = $2, version = version + 1 WHERE id = $1`,
);
const NOTE_SUCCESS = statement(
  'webhooks.note-success',
  `UPDATE webhooks SET failures = 0, failing_since = NULL, next_attempt_at = 0 WHERE id = $1 AND failures > 0`,
);
const NOTE_FAILURE = statement(
  'webhooks.note-failure',
  `UPDATE webhooks SET failures = failures + 1, failing_since = coalesce(failing_since, $2), next_attempt_at = $3
   WHERE id = $1`,
);
const HURRY = statement('webhooks.hurry', `UPDATE webhooks SET next_attempt_at = 0 WHERE id = $1`);
const DELETE = statement('webhooks.delete', `DELETE FROM webhooks WHERE id = $1 RETURNING id`);

@Injectable()
export class WebhooksRepository {
  constructor(private readonly database: Database) {}

  /** Oldest first. */
  async list(): Promise<WebhookRecord[]> {
    return this.database.query(LIST);
  }

  async find(id: number, queries: Queries = this.database): Promise<WebhookRecord | undefined> {
    return (await queries.query<WebhookRecord>(FIND, [id]))[0];
  }

  async lock(tx: Transaction, id: number): Promise<WebhookRecord | undefined> {
    return (await tx.query<WebhookRecord>(LOCK, [id]))[0];
  }

  /** Its id; undefined when there are `webhooksMax` already. */
  async insert(
    tx: Transaction,
    webhook: Pick<WebhookRecord, 'roomId' | 'name' | 'url' | 'events' | 'salt' | 'createdAt'>,
    webhooksMax: number,
  ): Promise<number | undefined> {
    const { roomId, name, url, events, salt, createdAt } = webhook;
    const values = [roomId, name, url, JSON.stringify(events), salt, createdAt, webhooksMax];
    return (await tx.query<{ id: number }>(INSERT, values))[0]?.id;
  }

  /** Whatever failed before is forgotten: somebody has looked at it. */
  async update(tx: Transaction, id: number, fields: WebhookFields): Promise<void> {
    const { name, url, events, paused, pauseReason, salt, oldSalt, oldSaltUntil } = fields;
    const values = [id, name, url, JSON.stringify(events), paused, pauseReason, salt, oldSalt, oldSaltUntil];
    await tx.query(UPDATE, values);
  }

  async pause(tx: Transaction, id: number, reason: string): Promise<void> {
    await tx.query(PAUSE, [id, reason]);
  }

  async noteSuccess(id: number): Promise<void> {
    await this.database.query(NOTE_SUCCESS, [id]);
  }

  async noteFailure(id: number, times: { now: number; nextAttemptAt: number }): Promise<void> {
    await this.database.query(NOTE_FAILURE, [id, times.now, times.nextAttemptAt]);
  }

  /** The next attempt may begin at once. */
  async hurry(tx: Transaction, id: number): Promise<void> {
    await tx.query(HURRY, [id]);
  }

  async delete(tx: Transaction, id: number): Promise<boolean> {
    return (await tx.query(DELETE, [id])).length > 0;
  }
}
