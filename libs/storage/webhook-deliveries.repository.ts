import { Injectable } from '@nestjs/common';
import { Database, statement, type Queries, type Transaction } from './database.js';

export const DELIVERY_STATES = ['waiting', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Something that one webhook is told. Times are Unix seconds. */
export interface DeliveryRecord {
  id: number;
  webhookId: number;
  event: string;
  happenedAt: number;
  roomId: number | null;
  roomToken: string | null;
  messageId: number | null;
  /** That the change of the message took. */
  seqno: number | null;
  /** Entry of the moderation log. */
  logId: number | null;
  state: DeliveryState;
  attempts: number;
  attemptedAt: number | null;
  status: number | null;
  outcome: string | null;
  durationMs: number | null;
}

/** What an attempt came to. */
export interface AttemptRecord {
  state: DeliveryState;
  attemptedAt: number;
  status: number | null;
  outcome: string | null;
  durationMs: number;
}

/** An entry of the moderation log that is an event. */
export interface LoggedEvent {
  event: string;
  logId: number;
  at: number;
  /** Undefined: of the whole server. */
  room?: { id: number | null; token: string } | undefined;
}

const COLUMNS = `id, webhook_id AS "webhookId", event, happened_at AS "happenedAt", room_id AS "roomId",
  room_token AS "roomToken", message_id AS "messageId", seqno, log_id AS "logId", state, attempts,
  attempted_at AS "attemptedAt", status, outcome, duration_ms AS "durationMs"`;

const ADD_LOGGED = statement(
  'webhook-deliveries.add-logged',
  `INSERT INTO webhook_deliveries (webhook_id, event, room_id, room_token, log_id, happened_at)
   SELECT id, $1, $2, $3, $4, $5 FROM webhooks
   WHERE NOT paused AND (room_id IS NULL OR room_id = $2) AND events ?| ARRAY[$1, '*']
     AND (SELECT count(*) FROM webhook_deliveries WHERE webhook_id = webhooks.id AND state = 'waiting') < $6
   ORDER BY id`,
);
const ADD_ENDED = statement(
  'webhook-deliveries.add-ended',
  `INSERT INTO webhook_deliveries (webhook_id, event, happened_at, state, attempts, attempted_at, status, outcome, duration_ms)
   VALUES ($1, $2, $4, $3, 1, $4, $5, $6, $7)`,
);
const COUNT_WAITING = statement(
  'webhook-deliveries.count-waiting',
  `SELECT count(*) AS count FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'waiting'`,
);
const NEXT = statement(
  'webhook-deliveries.next',
  `SELECT ${COLUMNS} FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'waiting' ORDER BY id LIMIT 1`,
);
const LIST = statement(
  'webhook-deliveries.list',
  `SELECT ${COLUMNS} FROM webhook_deliveries WHERE webhook_id = $1 AND ($2::text IS NULL OR state = $2)
     AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
);
const NOTE_ATTEMPT = statement(
  'webhook-deliveries.note-attempt',
  `UPDATE webhook_deliveries SET state = $2, attempts = attempts + 1, attempted_at = $3, status = $4, outcome = $5,
     duration_ms = $6 WHERE id = $1`,
);
const REVIVE = statement(
  'webhook-deliveries.revive',
  `UPDATE webhook_deliveries SET state = 'waiting', attempts = 0 WHERE webhook_id = $1 AND id = $2 AND state = 'dead'
   RETURNING id`,
);
const REMOVE = statement('webhook-deliveries.remove', `DELETE FROM webhook_deliveries WHERE id = $1`);
const DROP_WAITING = statement(
  'webhook-deliveries.drop-waiting',
  `DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'waiting'`,
);
const DROP_OLD = statement(
  'webhook-deliveries.drop-old',
  `DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
     SELECT id FROM webhook_deliveries WHERE state <> 'waiting' AND attempted_at < $1 ORDER BY attempted_at LIMIT $2))
   RETURNING id`,
);
const DROP_BEYOND = statement(
  'webhook-deliveries.drop-beyond',
  // Of each webhook only the newest of those that came to an end.
  `DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
     SELECT beyond.id FROM webhooks, LATERAL (SELECT id FROM webhook_deliveries
       WHERE webhook_id = webhooks.id AND state <> 'waiting' ORDER BY id DESC OFFSET $1 LIMIT $2) AS beyond))
   RETURNING id`,
);

@Injectable()
export class WebhookDeliveriesRepository {
  constructor(private readonly database: Database) {}

  /** For every webhook that wants it, and has not `waitingMax` waiting already. */
  async addLogged(
    tx: Transaction,
    { event, room, logId, at }: LoggedEvent,
    waitingMax: number,
  ): Promise<void> {
    await tx.query(ADD_LOGGED, [event, room?.id ?? null, room?.token ?? null, logId, at, waitingMax]);
  }

  /** One that was made outside of the order, and is over. */
  async addEnded(
    webhookId: number,
    event: string,
    { state, attemptedAt, status, outcome, durationMs }: AttemptRecord,
  ): Promise<void> {
    const values = [webhookId, event, state, attemptedAt, status, outcome, durationMs];
    await this.database.query(ADD_ENDED, values);
  }

  async countWaiting(webhookId: number): Promise<number> {
    return (await this.database.query<{ count: number }>(COUNT_WAITING, [webhookId]))[0]!.count;
  }

  /** The oldest that waits. */
  async next(webhookId: number): Promise<DeliveryRecord | undefined> {
    return (await this.database.query<DeliveryRecord>(NEXT, [webhookId]))[0];
  }

  /** Newest first. */
  async list(
    webhookId: number,
    query: { state?: DeliveryState | undefined; beforeId?: number | undefined; limit: number },
  ): Promise<DeliveryRecord[]> {
    const { state, beforeId, limit } = query;
    return this.database.query(LIST, [webhookId, state ?? null, beforeId ?? null, limit]);
  }

  async noteAttempt(id: number, attempt: AttemptRecord): Promise<void> {
    const { state, attemptedAt, status, outcome, durationMs } = attempt;
    await this.database.query(NOTE_ATTEMPT, [id, state, attemptedAt, status, outcome, durationMs]);
  }

  /** A dead one waits again; false when there is no such. */
  async revive(tx: Transaction, webhookId: number, id: number): Promise<boolean> {
    return (await tx.query(REVIVE, [webhookId, id])).length > 0;
  }

  async remove(id: number, queries: Queries = this.database): Promise<void> {
    await queries.query(REMOVE, [id]);
  }

  async dropWaiting(tx: Transaction, webhookId: number): Promise<void> {
    await tx.query(DROP_WAITING, [webhookId]);
  }

  /** Forgets what came to an end: before then, or (of each webhook) beyond the newest `kept`. Returns how many. */
  async dropEnded(before: number, kept: number, limit: number): Promise<number> {
    const old = await this.database.query(DROP_OLD, [before, limit]);
    return old.length + (await this.database.query(DROP_BEYOND, [kept, limit])).length;
  }
}
