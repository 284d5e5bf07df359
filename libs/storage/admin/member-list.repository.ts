import { Injectable } from '@nestjs/common';
import type { RoomToken, SessionId } from '../../protocol/ids.js';
import { Database, statement } from '../database.js';
import { OVERRIDE_COLUMNS, type OverrideRecord } from '../permissions.repository.js';

/** Somebody in a room. Without a row of their own there, the override's members are null or false. */
export type MemberRecord = OverrideRecord & {
  userId: number;
  sessionId: SessionId;
  /** Unix seconds. */
  firstSeenAt: number;
  /** In the room, to the hour; null: was only named there. */
  lastActiveAt: number | null;
  /** Not deleted ones. */
  posts: number;
  /** When they may write again; null: nothing is scheduled. */
  writesAgainAt: number | null;
  bannedEverywhere: boolean;
  globalModerator: boolean;
  globalAdmin: boolean;
};

export interface MemberQuery {
  roomId: number;
  /** Of the session id, in lower case. */
  prefix?: string | undefined;
  /** Unix seconds: was there since. */
  activeSince?: number | undefined;
  /** The last one of the page before. */
  after?: { at: number; userId: number } | undefined;
  limit: number;
}

/** A room in which somebody left traces. */
export interface UserRoomRecord {
  roomId: number;
  token: RoomToken;
  posts: number;
  lastActiveAt: number | null;
  moderator: boolean;
  admin: boolean;
  banned: boolean;
  /** Null: as the room has it. */
  read: boolean | null;
  write: boolean | null;
  upload: boolean | null;
}

const POSTS = (room: string, user: string): string =>
  `(SELECT count(*) FROM messages WHERE room_id = ${room} AND author_id = ${user} AND data IS NOT NULL)`;

const LIST = statement(
  'member-list.page',
  `WITH people AS (
     SELECT user_id FROM room_activity WHERE room_id = $1
     UNION SELECT user_id FROM permission_overrides WHERE room_id = $1)
   SELECT users.id AS "userId", users.session_id AS "sessionId", users.created_at AS "firstSeenAt",
     activity.last_active_at AS "lastActiveAt", users.banned AS "bannedEverywhere",
     users.moderator AS "globalModerator", users.admin AS "globalAdmin",
     ${POSTS('$1', 'users.id')} AS posts,
     (SELECT min(due_at) FROM scheduled_changes AS change
       WHERE change.room_id = $1 AND change.user_id = users.id AND change.write) AS "writesAgainAt",
     ${OVERRIDE_COLUMNS}
   FROM people JOIN users ON users.id = people.user_id
   LEFT JOIN room_activity AS activity ON activity.room_id = $1 AND activity.user_id = users.id
   LEFT JOIN permission_overrides AS override ON override.room_id = $1 AND override.user_id = users.id
   WHERE ($2::text IS NULL OR (users.session_id >= $2 AND users.session_id < $2 || 'g'))
     AND ($3::float8 IS NULL OR activity.last_active_at >= $3)
     AND ($4::float8 IS NULL OR (coalesce(activity.last_active_at, 0), users.id) < ($4, $5::int8))
   ORDER BY coalesce(activity.last_active_at, 0) DESC, users.id DESC LIMIT $6`,
);
const ROOMS = statement(
  'member-list.rooms-of-user',
  `SELECT rooms.id AS "roomId", rooms.token, ${POSTS('rooms.id', '$1')} AS posts,
     activity.last_active_at AS "lastActiveAt", coalesce(override.moderator, false) AS moderator,
     coalesce(override.admin, false) AS admin, coalesce(override.banned, false) AS banned,
     override.read, override.write, override.upload
   FROM rooms LEFT JOIN room_activity AS activity ON activity.room_id = rooms.id AND activity.user_id = $1
   LEFT JOIN permission_overrides AS override ON override.room_id = rooms.id AND override.user_id = $1
   WHERE ($2::int8[] IS NULL OR rooms.id = ANY($2)) AND (activity.user_id IS NOT NULL OR override.user_id IS NOT NULL
     OR EXISTS (SELECT FROM messages WHERE messages.room_id = rooms.id AND messages.author_id = $1))
   ORDER BY rooms.token_key LIMIT $3`,
);

/** Who is in which room. */
@Injectable()
export class MemberListRepository {
  constructor(private readonly database: Database) {}

  /** Those who were there last come first. */
  async list({ roomId, prefix, activeSince, after, limit }: MemberQuery): Promise<MemberRecord[]> {
    const place = [after?.at ?? null, after?.userId ?? null];
    return this.database.query(LIST, [roomId, prefix ?? null, activeSince ?? null, ...place, limit]);
  }

  /** Among these rooms, or (undefined) among all; by token. */
  async roomsOf(
    userId: number,
    roomIds: readonly number[] | undefined,
    limit: number,
  ): Promise<UserRoomRecord[]> {
    return this.database.query(ROOMS, [userId, roomIds ?? null, limit]);
  }
}
