import { Injectable } from '@nestjs/common';
import type { RoomToken } from '../protocol/ids.js';
import { Database, statement, type Transaction } from './database.js';

/** A room of which a webhook does not know everything yet. */
export interface RoomBehind {
  roomId: number;
  token: RoomToken;
  /** How far it was told. */
  seqno: number;
  /** What the room's counter had reached. */
  messageSequence: number;
}

/** A message whose data changed. */
export interface MessageChange {
  id: number;
  seqnoCreation: number;
  /** Of the last change of its data. */
  seqnoData: number;
  deleted: boolean;
  /** Whether everybody who may read the room sees it: no whisper, and not hidden by a filter. */
  visible: boolean;
  /** Unix seconds. */
  changedAt: number;
}

export interface MessageEvent {
  event: string;
  messageId: number;
  seqno: number;
  happenedAt: number;
}

const ROOMS_BEHIND = statement(
  'webhook-messages.rooms-behind',
  `SELECT rooms.id AS "roomId", token, coalesce(seqno, 0) AS seqno, message_sequence AS "messageSequence"
   FROM rooms LEFT JOIN webhook_positions AS position ON position.room_id = rooms.id AND webhook_id = $1
   WHERE ($2::bigint IS NULL OR rooms.id = $2) AND message_sequence > coalesce(seqno, 0) ORDER BY rooms.id LIMIT $3`,
);
const CHANGE_COLUMNS = `id, seqno_creation AS "seqnoCreation", seqno_data AS "seqnoData", data IS NULL AS deleted,
  NOT filtered AND whisper_to_id IS NULL AND NOT whisper_mods AS visible, coalesce(edited_at, posted_at) AS "changedAt"`;
const CHANGES = statement(
  'webhook-messages.changes',
  // By the number of the data, for which there is an index where reactions came later; else it is the message's own.
  `SELECT * FROM (
     (SELECT ${CHANGE_COLUMNS} FROM messages WHERE room_id = $1 AND seqno > $2 AND seqno_reactions <= seqno_data
      ORDER BY seqno LIMIT $3)
     UNION ALL
     (SELECT ${CHANGE_COLUMNS} FROM messages WHERE room_id = $1 AND seqno_data > $2 AND seqno_reactions > seqno_data
      ORDER BY seqno_data LIMIT $3)) AS change
   ORDER BY "seqnoData" LIMIT $3`,
);
const ADD = statement(
  'webhook-messages.add',
  `INSERT INTO webhook_deliveries (webhook_id, event, room_id, room_token, message_id, seqno, happened_at)
   SELECT $1, event, $2, $3, message_id, seqno, at
   FROM unnest($4::text[], $5::bigint[], $6::bigint[], $7::float8[]) WITH ORDINALITY AS given(event, message_id, seqno, at, place)
   ORDER BY place`,
);
const ADVANCE = statement(
  'webhook-messages.advance',
  `INSERT INTO webhook_positions (webhook_id, room_id, seqno) SELECT $1, id, $3 FROM rooms WHERE id = $2
   ON CONFLICT (webhook_id, room_id) DO UPDATE SET seqno = greatest(webhook_positions.seqno, excluded.seqno)`,
);
const SKIP_TO_NOW = statement(
  'webhook-messages.skip-to-now',
  `INSERT INTO webhook_positions (webhook_id, room_id, seqno)
   SELECT $1, id, message_sequence FROM rooms WHERE $2::bigint IS NULL OR id = $2
   ON CONFLICT (webhook_id, room_id) DO UPDATE SET seqno = excluded.seqno`,
);

/**
 * What webhooks are told of messages, found as clients find it: by sequence numbers, which become visible in order, so
 * that nothing is missed and posting costs nothing more.
 */
@Injectable()
export class WebhookMessagesRepository {
  constructor(private readonly database: Database) {}

  /** Of one room, or (null) of all. */
  async roomsBehind(webhookId: number, roomId: number | null, limit: number): Promise<RoomBehind[]> {
    return this.database.query(ROOMS_BEHIND, [webhookId, roomId, limit]);
  }

  /** After `seqno`, in the order of their numbers. */
  async changes(roomId: number, seqno: number, limit: number): Promise<MessageChange[]> {
    return this.database.query(CHANGES, [roomId, seqno, limit]);
  }

  async add(
    tx: Transaction,
    webhookId: number,
    { roomId, token }: Pick<RoomBehind, 'roomId' | 'token'>,
    events: readonly MessageEvent[],
  ): Promise<void> {
    await tx.query(ADD, [
      webhookId,
      roomId,
      token,
      events.map(({ event }) => event),
      events.map(({ messageId }) => messageId),
      events.map(({ seqno }) => seqno),
      events.map(({ happenedAt }) => happenedAt),
    ]);
  }

  /** The webhook knows everything up to `seqno`. */
  async advance(tx: Transaction, webhookId: number, roomId: number, seqno: number): Promise<void> {
    await tx.query(ADVANCE, [webhookId, roomId, seqno]);
  }

  /** What happened up to now in its room, or (null) in all, is not told any more. */
  async skipToNow(tx: Transaction, webhookId: number, roomId: number | null): Promise<void> {
    await tx.query(SKIP_TO_NOW, [webhookId, roomId]);
  }
}
