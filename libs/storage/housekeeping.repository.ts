import { Injectable } from '@nestjs/common';
import { Database, statement, type Transaction } from './database.js';

const EXPIRED_FILES = statement(
  'housekeeping.expired-files',
  `DELETE FROM files WHERE id IN (
     SELECT id FROM files WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
   RETURNING id`,
);
const OLD_REVISIONS = statement(
  'housekeeping.old-revisions',
  `DELETE FROM message_revisions WHERE id IN (SELECT id FROM message_revisions WHERE replaced_at < $1 LIMIT $2)
   RETURNING id`,
);
const EXPIRED_DIRECT_MESSAGES = statement(
  'housekeeping.expired-direct-messages',
  `DELETE FROM direct_messages WHERE id IN (SELECT id FROM direct_messages WHERE expires_at <= $1 LIMIT $2)
   RETURNING id`,
);
const OLD_ACTIVITY = statement(
  'housekeeping.old-activity',
  `DELETE FROM room_activity WHERE (room_id, user_id) IN (
     SELECT room_id, user_id FROM room_activity WHERE last_active_at < $1 LIMIT $2)
   RETURNING user_id AS id`,
);
const OLD_LOG_ENTRIES = statement(
  'housekeeping.old-log-entries',
  `DELETE FROM moderation_log WHERE id IN (SELECT id FROM moderation_log WHERE at < $1 LIMIT $2) RETURNING id`,
);
const COUNT_ACTIVE_USERS = statement(
  'housekeeping.count-active-users',
  `UPDATE rooms SET active_users = counted.users FROM (
     SELECT rooms.id, count(activity.user_id)::integer AS users FROM rooms
     LEFT JOIN room_activity AS activity ON activity.room_id = rooms.id AND activity.last_active_at >= $1
     GROUP BY rooms.id) AS counted
   WHERE rooms.id = counted.id AND rooms.active_users <> counted.users
   RETURNING rooms.id`,
);
const ROOMS_WITH_RETENTION = statement(
  'housekeeping.rooms-with-retention',
  `SELECT id AS "roomId", retention_days AS "retentionDays" FROM rooms WHERE retention_days IS NOT NULL ORDER BY id`,
);
const LOCK_OLD_MESSAGES = statement(
  'housekeeping.lock-old-messages',
  // Pinned messages stay: somebody wanted them to.
  `SELECT id FROM messages WHERE room_id = $1 AND posted_at < $2 AND data IS NOT NULL
     AND NOT EXISTS (SELECT FROM pins WHERE pins.message_id = messages.id)
   ORDER BY posted_at LIMIT $3 FOR NO KEY UPDATE`,
);

/** Whose time is over. Everything comes in batches of at most `limit`; each method says how many there were. */
@Injectable()
export class HousekeepingRepository {
  constructor(private readonly database: Database) {}

  /** Removes rows of expired files and returns their ids, whose bytes are the caller's to remove. */
  async takeExpiredFiles(now: number, limit: number): Promise<number[]> {
    return (await this.database.query<{ id: number }>(EXPIRED_FILES, [now, limit])).map(({ id }) => id);
  }

  async dropRevisions(before: number, limit: number): Promise<number> {
    return (await this.database.query(OLD_REVISIONS, [before, limit])).length;
  }

  async dropDirectMessages(now: number, limit: number): Promise<number> {
    return (await this.database.query(EXPIRED_DIRECT_MESSAGES, [now, limit])).length;
  }

  async dropActivity(before: number, limit: number): Promise<number> {
    return (await this.database.query(OLD_ACTIVITY, [before, limit])).length;
  }

  async dropLogEntries(before: number, limit: number): Promise<number> {
    return (await this.database.query(OLD_LOG_ENTRIES, [before, limit])).length;
  }

  /** Counts in every room who was there since; returns how many rooms changed. */
  async countActiveUsers(since: number): Promise<number> {
    const rooms = await this.database.query<{ id: number }>(COUNT_ACTIVE_USERS, [since]);
    for (const { id } of rooms) this.database.changed({ kind: 'room', roomId: id });
    return rooms.length;
  }

  async roomsWithRetention(): Promise<{ roomId: number; retentionDays: number }[]> {
    return this.database.query(ROOMS_WITH_RETENTION);
  }

  /** Ids of messages of a room that were posted before then, not deleted and not pinned. */
  async lockOldMessages(tx: Transaction, roomId: number, before: number, limit: number): Promise<number[]> {
    return (await tx.query<{ id: number }>(LOCK_OLD_MESSAGES, [roomId, before, limit])).map(({ id }) => id);
  }
}
