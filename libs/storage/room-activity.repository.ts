import { Injectable } from '@nestjs/common';
import { Database, statement, type Transaction } from './database.js';

export interface RoomVisit {
  roomId: number;
  userId: number;
  /** Unix seconds, to the hour. */
  at: number;
}

const RECORD = statement(
  'room-activity.record',
  // xmax is 0 in a row that was just made. Whoever was banned, and rooms that were deleted, since the visit are left out.
  `INSERT INTO room_activity (room_id, user_id, last_active_at)
   SELECT visit.room_id, visit.user_id, visit.at
   FROM unnest($1::bigint[], $2::bigint[], $3::float8[]) AS visit(room_id, user_id, at)
   JOIN rooms ON rooms.id = visit.room_id
   JOIN users ON users.id = visit.user_id AND NOT users.banned
   LEFT JOIN permission_overrides AS override
     ON override.room_id = visit.room_id AND override.user_id = visit.user_id AND override.banned
   WHERE override.user_id IS NULL
   ORDER BY visit.room_id, visit.user_id
   ON CONFLICT (room_id, user_id) DO UPDATE SET last_active_at = excluded.last_active_at
   WHERE room_activity.last_active_at < excluded.last_active_at
   RETURNING room_id AS "roomId", user_id AS "userId", (xmax = 0) AS fresh`,
);

const FORGET = statement(
  'room-activity.forget',
  `DELETE FROM room_activity WHERE user_id = $1 AND ($2::bigint IS NULL OR room_id = $2)`,
);

@Injectable()
export class RoomActivityRepository {
  constructor(private readonly database: Database) {}

  /** Many visits in one statement; never moves a time back. Returns those that were somebody's first in a room. */
  async record(visits: readonly RoomVisit[]): Promise<{ roomId: number; userId: number }[]> {
    const recorded = await this.database.query<{ roomId: number; userId: number; fresh: boolean }>(RECORD, [
      visits.map(({ roomId }) => roomId),
      visits.map(({ userId }) => userId),
      visits.map(({ at }) => at),
    ]);
    return recorded.filter(({ fresh }) => fresh);
  }

  /** Somebody banned is nobody's active user: in one room, or (undefined) in all. */
  async forget(tx: Transaction, userId: number, roomId: number | undefined): Promise<void> {
    await tx.query(FORGET, [userId, roomId ?? null]);
    await tx.changed({ kind: 'banned', userId, roomId: roomId ?? null });
  }
}
