import { Injectable } from '@nestjs/common';
import { Database, statement } from './database.js';

/** Ids of the last direct messages that somebody received and sent; 0: none. Some may have expired. */
export interface LastMail {
  inbox: number;
  outbox: number;
}

/** Whose boxes a direct message is in. */
export interface MailTrace {
  id: number;
  senderId: number;
  /** Null when it is never delivered. */
  recipientId: number | null;
}

const LAST = statement(
  'mail-marks.last',
  `SELECT coalesce((SELECT id FROM direct_messages WHERE recipient_id = $1 AND NOT swallowed ORDER BY id DESC LIMIT 1), 0) AS inbox,
     coalesce((SELECT id FROM direct_messages WHERE sender_id = $1 ORDER BY id DESC LIMIT 1), 0) AS outbox`,
);
const NEWEST = statement(
  'read-models.newest-mail',
  `SELECT coalesce((SELECT id FROM direct_messages ORDER BY id DESC LIMIT 1), 0) AS id`,
);
const AFTER = statement(
  'read-models.mail-after',
  `SELECT id, sender_id AS "senderId", CASE WHEN NOT swallowed THEN recipient_id END AS "recipientId"
   FROM direct_messages WHERE id > $1 ORDER BY id LIMIT $2`,
);

/** What processes keep of direct messages in memory: where boxes end. */
@Injectable()
export class MailMarksRepository {
  constructor(private readonly database: Database) {}

  async last(userId: number): Promise<LastMail> {
    return (await this.database.query<LastMail>(LAST, [userId]))[0]!;
  }

  /** The greatest id of all. */
  async newest(): Promise<number> {
    return (await this.database.query<{ id: number }>(NEWEST))[0]!.id;
  }

  /** Ascending. */
  async after(id: number, limit: number): Promise<MailTrace[]> {
    return this.database.query(AFTER, [id, limit]);
  }
}
