import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from './database.js';

export interface DirectMessageRecord {
  id: number;
  sender: SessionId;
  recipient: SessionId;
  body: Buffer;
  postedAt: number;
  expiresAt: number;
}

const COLUMNS = `direct_messages.id, sender.session_id AS sender, recipient.session_id AS recipient, body,
  posted_at AS "postedAt", expires_at AS "expiresAt"`;
const FROM = `direct_messages JOIN users AS sender ON sender.id = sender_id
  JOIN users AS recipient ON recipient.id = recipient_id`;
const LIST = `SELECT ${COLUMNS} FROM ${FROM}`;
const PAGE = `AND direct_messages.id > $2 AND expires_at > $3 ORDER BY direct_messages.id LIMIT $4`;

const INBOX = statement('direct-messages.inbox', `${LIST} WHERE recipient_id = $1 AND NOT swallowed ${PAGE}`);
const OUTBOX = statement('direct-messages.outbox', `${LIST} WHERE sender_id = $1 ${PAGE}`);
const INSERT = statement(
  'direct-messages.insert',
  // Both boxes are taken, always in one order, before the id is drawn: clients go on from the last id they saw, so one
  // that became visible after a greater one would never be read. Not their users' rows, which others update.
  `WITH turn AS MATERIALIZED (
     SELECT pg_advisory_xact_lock(box) FROM (
       SELECT DISTINCT hashtextextended('mail:' || user_id, 0) AS box FROM unnest(ARRAY[$1::bigint, $2]) AS user_id
       ORDER BY box) AS boxes)
   INSERT INTO direct_messages (sender_id, recipient_id, body, posted_at, expires_at, swallowed)
   SELECT $1, $2, $3, $4, $5, $6 FROM (SELECT count(*) FROM turn) AS taken RETURNING id`,
);
const DELETE_RECEIVED = statement(
  'direct-messages.delete-received',
  // Swallowed ones go too, so that the sender's outbox looks the same; the recipient never saw them.
  `WITH gone AS (DELETE FROM direct_messages WHERE recipient_id = $1 RETURNING expires_at, swallowed)
   SELECT count(*) FILTER (WHERE expires_at > $2 AND NOT swallowed) AS count FROM gone`,
);
const CONVERSATION = statement(
  'direct-messages.conversation',
  `SELECT EXISTS (SELECT FROM direct_messages WHERE sender_id = $1 AND recipient_id = $2 AND NOT swallowed) AS sent,
     EXISTS (SELECT FROM direct_messages WHERE sender_id = $2 AND recipient_id = $1 AND NOT swallowed) AS received`,
);
const NEW_RECIPIENTS = statement(
  'direct-messages.new-recipients',
  `SELECT count(*) AS count FROM (SELECT FROM direct_messages WHERE sender_id = $1 AND recipient_id <> $2
     GROUP BY recipient_id HAVING min(posted_at) >= $3) AS recipients`,
);

/** Between two users. */
export interface Conversation {
  sent: boolean;
  received: boolean;
}

export type Box = 'inbox' | 'outbox';

@Injectable()
export class DirectMessagesRepository {
  constructor(private readonly database: Database) {}

  /** Received or sent ones with ids above `sinceId` that have not expired at `now`, ascending. */
  async list(
    box: Box,
    userId: number,
    page: { sinceId: number; now: number; limit: number },
  ): Promise<DirectMessageRecord[]> {
    const values = [userId, page.sinceId, page.now, page.limit];
    return this.database.query(box === 'inbox' ? INBOX : OUTBOX, values);
  }

  /** Returns the id. A swallowed one is in the sender's outbox and nowhere else. */
  async insert(
    message: {
      senderId: number;
      recipientId: number;
      body: Buffer;
      postedAt: number;
      expiresAt: number;
      swallowed: boolean;
    },
    queries: Queries = this.database,
  ): Promise<number> {
    const { senderId, recipientId, body, postedAt, expiresAt, swallowed } = message;
    const values = [senderId, recipientId, body, postedAt, expiresAt, swallowed];
    const { id } = (await queries.query<{ id: number }>(INSERT, values))[0]!;
    await queries.changed({ kind: 'mail', senderId, recipientId, id });
    return id;
  }

  /** Whether one wrote to the other before; what was swallowed does not count. */
  async conversation(tx: Transaction, senderId: number, recipientId: number): Promise<Conversation> {
    return (await tx.query<Conversation>(CONVERSATION, [senderId, recipientId]))[0]!;
  }

  /** How many others this sender wrote to for the first time since then, swallowed ones included. */
  async newRecipients(
    tx: Transaction,
    senderId: number,
    exceptRecipientId: number,
    since: number,
  ): Promise<number> {
    const values = [senderId, exceptRecipientId, since];
    return (await tx.query<{ count: number }>(NEW_RECIPIENTS, values))[0]!.count;
  }

  /** Returns how many there were to see. */
  async deleteReceived(recipientId: number, now: number): Promise<number> {
    return (await this.database.query<{ count: number }>(DELETE_RECEIVED, [recipientId, now]))[0]!.count;
  }
}
