import { Injectable } from '@nestjs/common';
import type { RoomToken, SessionId } from '../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from './database.js';

/** What is different for one user in one room. Null permissions follow the room's defaults. */
export interface OverrideRecord {
  banned: boolean;
  moderator: boolean;
  admin: boolean;
  visibleMod: boolean;
  read: boolean | null;
  accessible: boolean | null;
  write: boolean | null;
  upload: boolean | null;
}

export interface RoomModerator {
  roomId: number;
  userId: number;
  sessionId: SessionId;
  admin: boolean;
  visible: boolean;
}

/** Of somebody without a row. */
export const NO_OVERRIDE: OverrideRecord = {
  banned: false,
  moderator: false,
  admin: false,
  visibleMod: true,
  read: null,
  accessible: null,
  write: null,
  upload: null,
};

export const OVERRIDE_COLUMNS = `override.banned, override.moderator, override.admin,
  override.visible_mod AS "visibleMod", override.read, override.accessible, override.write, override.upload`;

const FIND = statement(
  'permissions.find-for-update',
  `SELECT ${OVERRIDE_COLUMNS} FROM permission_overrides AS override WHERE room_id = $1 AND user_id = $2 FOR UPDATE`,
);
const LIST = statement(
  'permissions.of-room',
  `SELECT users.session_id AS "sessionId", ${OVERRIDE_COLUMNS}
   FROM permission_overrides AS override JOIN users ON users.id = override.user_id
   WHERE override.room_id = $1 AND ($2::bigint IS NULL OR override.user_id = $2) ORDER BY users.session_id`,
);
const SAVE = statement(
  'permissions.save',
  `INSERT INTO permission_overrides (room_id, user_id, banned, moderator, admin, visible_mod, read, accessible, write, upload)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   ON CONFLICT (room_id, user_id) DO UPDATE SET banned = $3, moderator = $4, admin = $5, visible_mod = $6,
     read = $7, accessible = $8, write = $9, upload = $10`,
);
const DROP = statement(
  'permissions.drop',
  `DELETE FROM permission_overrides WHERE room_id = $1 AND user_id = $2`,
);
const MODERATORS = statement(
  'permissions.moderators-of-rooms',
  `SELECT override.room_id AS "roomId", override.user_id AS "userId", users.session_id AS "sessionId",
     override.admin, override.visible_mod AS visible
   FROM permission_overrides AS override JOIN users ON users.id = override.user_id
   WHERE override.moderator AND override.room_id = ANY($1)`,
);
const ROLES_OF = statement(
  'permissions.roles-of-user',
  `SELECT rooms.id AS "roomId", rooms.token, override.admin FROM permission_overrides AS override
   JOIN rooms ON rooms.id = override.room_id WHERE override.user_id = $1 AND override.moderator ORDER BY rooms.id`,
);
const MOVE_OVERRIDES = statement(
  'permissions.move-overrides',
  `WITH moved AS (UPDATE permission_overrides SET user_id = $2 WHERE user_id = $1 RETURNING room_id)
   UPDATE rooms SET access_version = access_version + 1
   FROM (SELECT rooms.id FROM rooms JOIN moved ON moved.room_id = rooms.id ORDER BY rooms.id FOR NO KEY UPDATE OF rooms) AS locked
   WHERE rooms.id = locked.id RETURNING rooms.id`,
);
const MOVE_SCHEDULE = statement(
  'permissions.move-schedule',
  `UPDATE scheduled_changes SET user_id = $2 WHERE user_id = $1`,
);

@Injectable()
export class PermissionsRepository {
  constructor(private readonly database: Database) {}

  /** The row of one user in one room, locked. */
  async find(tx: Transaction, roomId: number, userId: number): Promise<OverrideRecord | undefined> {
    return (await tx.query<OverrideRecord>(FIND, [roomId, userId]))[0];
  }

  /** All rows of a room, or (with a user) that one's, by session id. */
  async ofRoom(
    roomId: number,
    userId: number | undefined,
  ): Promise<(OverrideRecord & { sessionId: SessionId })[]> {
    return this.database.query(LIST, [roomId, userId ?? null]);
  }

  /** Writes the row, or drops it when nothing is left in it. */
  async save(tx: Transaction, roomId: number, userId: number, override: OverrideRecord): Promise<void> {
    const { banned, moderator, admin, visibleMod, read, accessible, write, upload } = override;
    const empty = !banned && !moderator && (read ?? accessible ?? write ?? upload) === null;
    if (empty) await tx.query(DROP, [roomId, userId]);
    else
      await tx.query(SAVE, [
        roomId,
        userId,
        banned,
        moderator,
        admin,
        visibleMod,
        read,
        accessible,
        write,
        upload,
      ]);
  }

  /** Those appointed in these rooms themselves; global moderators are the users' (UsersRepository). */
  async moderatorsOf(roomIds: readonly number[], queries: Queries = this.database): Promise<RoomModerator[]> {
    return queries.query<RoomModerator>(MODERATORS, [roomIds]);
  }

  /** The rooms in which somebody was appointed. */
  async rolesOf(userId: number): Promise<{ roomId: number; token: RoomToken; admin: boolean }[]> {
    return this.database.query(ROLES_OF, [userId]);
  }

  /** Gives all that is set or scheduled for one user to another, who has nothing yet (protocol.md §1.1). */
  async move(tx: Transaction, fromUserId: number, toUserId: number): Promise<void> {
    const rooms = await tx.query<{ id: number }>(MOVE_OVERRIDES, [fromUserId, toUserId]);
    for (const { id } of rooms) tx.changed({ kind: 'room', roomId: id });
    await tx.query(MOVE_SCHEDULE, [fromUserId, toUserId]);
  }
}
