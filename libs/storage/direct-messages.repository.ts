import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement } from './database.js';

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

const INBOX = statement('direct-messages.inbox', `${LIST} WHERE recipient_id = $1 ${PAGE}`);
const OUTBOX = statement('direct-messages.outbox', `${LIST} WHERE sender_id = $1 ${PAGE}`);
const INSERT = statement(
  'direct-messages.insert',
  `INSERT INTO direct_messages (sender_id, recipient_id, body, posted_at, expires_at)
   VALUES ($1, $2, $3, $4, $5) RETURNING id`,
);
const DELETE_RECEIVED = statement(
  'direct-messages.delete-received',
  `WITH gone AS (DELETE FROM direct_messages WHERE recipient_id = $1 RETURNING expires_at)
   SELECT count(*) FILTER (WHERE expires_at > $2) AS count FROM gone`,
);

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

  /** Returns the id. */
  async insert(message: {
    senderId: number;
    recipientId: number;
    body: Buffer;
    postedAt: number;
    expiresAt: number;
  }): Promise<number> {
    const { senderId, recipientId, body, postedAt, expiresAt } = message;
    const values = [senderId, recipientId, body, postedAt, expiresAt];
    const { id } = (await this.database.query<{ id: number }>(INSERT, values))[0]!;
    this.database.changed({ kind: 'mail', senderId, recipientId, id });
    return id;
  }

  /** Returns how many there were to see. */
  async deleteReceived(recipientId: number, now: number): Promise<number> {
    return (await this.database.query<{ count: number }>(DELETE_RECEIVED, [recipientId, now]))[0]!.count;
  }
}
