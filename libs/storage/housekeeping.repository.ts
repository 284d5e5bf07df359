import { Injectable } from '@nestjs/common';
import { roomTokenKey, type RoomToken } from '../protocol/ids.js';
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
const EXPIRED_ADMIN_ACCESS = statement(
  'housekeeping.expired-admin-access',
  // Each kind in a batch of its own; what is over is out of use already.
  `WITH sessions AS (DELETE FROM admin_sessions WHERE secret_hash IN (
       SELECT secret_hash FROM admin_sessions WHERE expires_at <= $1 LIMIT $3) RETURNING user_id),
     links AS (DELETE FROM login_links WHERE code_hash IN (
       SELECT code_hash FROM login_links WHERE expires_at <= $1 LIMIT $3) RETURNING user_id),
     answers AS (DELETE FROM admin_answers WHERE (principal, key) IN (
       SELECT principal, key FROM admin_answers WHERE started_at <= $2 LIMIT $3) RETURNING key)
   SELECT greatest((SELECT count(*) FROM sessions), (SELECT count(*) FROM links), (SELECT count(*) FROM answers)) AS count`,
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
const COARSEN_ARRIVALS = statement(
  'housekeeping.coarsen-arrivals',
  `UPDATE users SET created_at = floor(created_at / 3600) * 3600 WHERE id IN (
     SELECT id FROM users WHERE created_at < $1 AND created_at <> floor(created_at / 3600) * 3600 LIMIT $2)
   RETURNING id`,
);
/** Where a user is referred to, by table: columns. A test holds this against the catalogue. */
export const REFERENCES_TO_USERS: Readonly<Record<string, readonly string[]>> = {
  messages: ['author_id', 'whisper_to_id'],
  pins: ['pinned_by_id'],
  reactors: ['user_id'],
  files: ['uploader_id'],
  permission_overrides: ['user_id'],
  scheduled_changes: ['user_id'],
  room_activity: ['user_id'],
  direct_messages: ['sender_id', 'recipient_id'],
  pending_blinding: ['user_id'],
  moderation_log: ['actor_id', 'target_id'],
  admin_sessions: ['user_id'],
  login_links: ['user_id'],
};
const NOWHERE_REFERRED_TO = Object.entries(REFERENCES_TO_USERS)
  .flatMap(([table, columns]) => columns.map((column) => `SELECT FROM ${table} WHERE ${column} = users.id`))
  .map((query) => `NOT EXISTS (${query})`)
  .join(' AND ');
const SPARE_NAMES = statement(
  'housekeeping.spare-names',
  // 05 ids alone: they are known elsewhere, too.
  `DELETE FROM users WHERE id IN (
     SELECT id FROM users WHERE last_active_at IS NULL AND session_id LIKE '05%' AND NOT banned AND NOT moderator
       AND ${NOWHERE_REFERRED_TO} LIMIT $1 FOR UPDATE SKIP LOCKED)
   RETURNING id`,
);
const COUNT_ACTIVE_USERS = statement(
  'housekeeping.count-active-users',
  // In id order, as everybody locks several rooms.
  `WITH counted AS (
     SELECT rooms.id, (SELECT count(*) FROM room_activity AS activity
       WHERE activity.room_id = rooms.id AND activity.last_active_at >= $1)::integer AS users FROM rooms),
   changed AS (
     SELECT rooms.id, counted.users FROM rooms JOIN counted ON counted.id = rooms.id
     WHERE rooms.active_users <> counted.users ORDER BY rooms.id FOR NO KEY UPDATE OF rooms)
   UPDATE rooms SET active_users = changed.users FROM changed WHERE rooms.id = changed.id RETURNING rooms.id`,
);
// Pinned messages stay: somebody wanted them to.
const NOT_PINNED = `NOT EXISTS (SELECT FROM pins WHERE pins.room_id = messages.room_id AND pins.message_id = messages.id)`;
const DAY_SECONDS = 86_400;
const ROOMS_PAST_RETENTION = statement(
  'housekeeping.rooms-past-retention',
  // Looks at the oldest message of each room; as an EXISTS it would be planned as a join of both tables.
  `SELECT rooms.id AS "roomId", before FROM rooms,
     LATERAL (SELECT $1::float8 - retention_days * ${DAY_SECONDS}::float8) AS _ (before),
     LATERAL (SELECT FROM messages WHERE room_id = rooms.id AND posted_at < before AND data IS NOT NULL
       AND ${NOT_PINNED} ORDER BY posted_at LIMIT 1) AS oldest
   WHERE retention_days IS NOT NULL ORDER BY rooms.id`,
);
const COUNT_PAST_RETENTION = statement(
  'housekeeping.count-past-retention',
  `SELECT count(*) AS count FROM messages JOIN rooms ON rooms.id = room_id
   WHERE token_key = $1 AND posted_at < $2::float8 - retention_days * ${DAY_SECONDS}::float8 AND data IS NOT NULL
     AND ${NOT_PINNED}`,
);
const LOCK_OLD_MESSAGES = statement(
  'housekeeping.lock-old-messages',
  `SELECT id FROM messages WHERE room_id = $1 AND posted_at < $2 AND data IS NOT NULL AND ${NOT_PINNED}
   ORDER BY posted_at LIMIT $3 FOR NO KEY UPDATE`,
);

/** A room with messages that it should not keep any longer. */
export interface RoomPastRetention {
  roomId: number;
  /** Unix seconds: older ones are to go. */
  before: number;
}

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

  /** Sessions and login links that are over, and answers that are no longer repeated. Returns the largest number of these. */
  async dropAdminAccess(now: number, answeredBefore: number, limit: number): Promise<number> {
    const rows = await this.database.query<{ count: number }>(EXPIRED_ADMIN_ACCESS, [
      now,
      answeredBefore,
      limit,
    ]);
    return rows[0]!.count;
  }

  async dropActivity(before: number, limit: number): Promise<number> {
    return (await this.database.query(OLD_ACTIVITY, [before, limit])).length;
  }

  async dropLogEntries(before: number, limit: number): Promise<number> {
    return (await this.database.query(OLD_LOG_ENTRIES, [before, limit])).length;
  }

  /** Rounds the times at which users first came down to the hour, for privacy. */
  async coarsenArrivals(before: number, limit: number): Promise<number> {
    return (await this.database.query(COARSEN_ARRIVALS, [before, limit])).length;
  }

  /**
   * Drops 05 ids that an operator named and nothing needs any longer: the person has come under a blinded id, or what
   * was set for them was taken back, and the moderation log speaks of them no more.
   */
  async dropSpareNames(limit: number): Promise<number> {
    return (await this.database.query(SPARE_NAMES, [limit])).length;
  }

  /** Counts in every room who was there since; returns how many rooms changed. */
  async countActiveUsers(tx: Transaction, since: number): Promise<number> {
    const rooms = await tx.query<{ id: number }>(COUNT_ACTIVE_USERS, [since]);
    for (const { id } of rooms) tx.changed({ kind: 'room', roomId: id });
    return rooms.length;
  }

  async roomsPastRetention(now: number): Promise<RoomPastRetention[]> {
    return this.database.query(ROOMS_PAST_RETENTION, [now]);
  }

  /** How many messages of a room are older than it keeps them. */
  async countPastRetention(token: RoomToken, now: number): Promise<number> {
    const rows = await this.database.query<{ count: number }>(COUNT_PAST_RETENTION, [
      roomTokenKey(token),
      now,
    ]);
    return rows[0]!.count;
  }

  /** Ids of messages of a room that were posted before then, not deleted and not pinned. */
  async lockOldMessages(tx: Transaction, roomId: number, before: number, limit: number): Promise<number[]> {
    return (await tx.query<{ id: number }>(LOCK_OLD_MESSAGES, [roomId, before, limit])).map(({ id }) => id);
  }
}
