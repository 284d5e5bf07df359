import { Injectable } from '@nestjs/common';
import type { RoomToken } from '../protocol/ids.js';
import { roomTokenKey } from '../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from './database.js';
import { OVERRIDE_COLUMNS, type OverrideRecord } from './permissions.repository.js';
import { ROOM_COLUMNS, type RoomName, type RoomRecord } from './room-record.js';

export type { RoomName, RoomRecord } from './room-record.js';

export interface RoomWithOverride {
  room: RoomRecord;
  /** The asking user's own row in this room, if any. */
  override: OverrideRecord | undefined;
}

const WITH_OVERRIDE = `SELECT ${ROOM_COLUMNS}, override.room_id AS "overrideRoomId", ${OVERRIDE_COLUMNS}
  FROM rooms LEFT JOIN permission_overrides AS override ON override.room_id = rooms.id AND override.user_id = $1`;

const FIND = statement('rooms.find-with-override', `${WITH_OVERRIDE} WHERE token_key = ANY($2)`);
const LIST = statement('rooms.list-with-overrides', `${WITH_OVERRIDE} ORDER BY token_key`);
const FIND_BY_IDS = statement('rooms.find-by-ids', `SELECT ${ROOM_COLUMNS} FROM rooms WHERE id = ANY($1)`);
const LOCK = statement(
  'rooms.lock',
  // In id order for everybody, so that two changes of several rooms cannot deadlock.
  `SELECT ${ROOM_COLUMNS} FROM rooms WHERE token_key = ANY($1) ORDER BY id FOR NO KEY UPDATE`,
);
const LOCK_BY_ID = statement(
  'rooms.lock-by-id',
  `SELECT ${ROOM_COLUMNS} FROM rooms WHERE id = $1 FOR NO KEY UPDATE`,
);
const LOCK_FOR_DELETION = statement(
  'rooms.lock-for-deletion',
  `SELECT ${ROOM_COLUMNS} FROM rooms WHERE token_key = $1 FOR UPDATE`,
);
const INSERT = statement(
  'rooms.insert',
  `INSERT INTO rooms (token, name, description, created_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (token_key) DO NOTHING RETURNING ${ROOM_COLUMNS}`,
);
const INSERT_FIRST = statement(
  'rooms.insert-first',
  `INSERT INTO rooms (token, name, description, created_at)
   SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM rooms)
   ON CONFLICT (token_key) DO NOTHING RETURNING ${ROOM_COLUMNS}`,
);
const UPDATE = statement(
  'rooms.update',
  `UPDATE rooms SET name = $2, description = $3, image_id = $4, default_read = $5, default_accessible = $6,
     default_write = $7, default_upload = $8, info_updates = info_updates + $9,
     access_version = access_version + $10, retention_days = $11, rate_limit_posts = $12, rate_limit_window_seconds = $13
   WHERE id = $1 RETURNING info_updates AS "infoUpdates"`,
);
const EXPIRE_FILES = statement('rooms.expire-files', `UPDATE files SET expires_at = $2 WHERE room_id = $1`);
const DELETE = statement(
  'rooms.delete',
  `WITH numbers AS (DELETE FROM statistics WHERE room_id = $1) DELETE FROM rooms WHERE id = $1`,
);
const BUMP_ALL = statement(
  'rooms.bump-all-info-updates',
  `WITH locked AS (SELECT id FROM rooms ORDER BY id FOR NO KEY UPDATE)
   UPDATE rooms SET info_updates = info_updates + $1 FROM locked WHERE rooms.id = locked.id
   RETURNING rooms.id, token, info_updates AS "infoUpdates"`,
);
const CLOSE_TO_NEWCOMERS = statement(
  'rooms.close-to-newcomers',
  `UPDATE rooms SET raid_locked_until = $3, access_version = access_version + 1
   WHERE id = $1 AND (raid_locked_until IS NULL OR raid_locked_until <= $2) RETURNING id, token`,
);
const OPEN_TO_NEWCOMERS = statement(
  'rooms.open-to-newcomers',
  `UPDATE rooms SET raid_locked_until = NULL, access_version = access_version + 1
   WHERE raid_locked_until <= $1 RETURNING id, token`,
);
const BUMP = statement(
  'rooms.bump-counters',
  `UPDATE rooms SET info_updates = info_updates + $2, access_version = access_version + $3
   WHERE id = $1 RETURNING info_updates AS "infoUpdates"`,
);

@Injectable()
export class RoomsRepository {
  constructor(private readonly database: Database) {}

  async find(token: RoomToken, userId: number | undefined): Promise<RoomWithOverride | undefined> {
    return (await this.findAll([token], userId))[0];
  }

  /** Those of these rooms that exist. */
  async findAll(tokens: readonly RoomToken[], userId: number | undefined): Promise<RoomWithOverride[]> {
    const rows = await this.database.query<JoinedRow>(FIND, [userId ?? null, tokens.map(roomTokenKey)]);
    return rows.map(splitRow);
  }

  async byIds(roomIds: readonly number[]): Promise<RoomRecord[]> {
    return this.database.query(FIND_BY_IDS, [roomIds]);
  }

  /** All rooms, by token without case in ASCII order. */
  async list(userId: number | undefined): Promise<RoomWithOverride[]> {
    const rows = await this.database.query<JoinedRow>(LIST, [userId ?? null]);
    return rows.map(splitRow);
  }

  async lock(tx: Transaction, token: RoomToken): Promise<RoomRecord | undefined> {
    return (await this.lockAll(tx, [token]))[0];
  }

  async lockById(tx: Transaction, roomId: number): Promise<RoomRecord | undefined> {
    return (await tx.query<RoomRecord>(LOCK_BY_ID, [roomId]))[0];
  }

  /** Those of these rooms that exist, locked, by id. */
  async lockAll(tx: Transaction, tokens: readonly RoomToken[]): Promise<RoomRecord[]> {
    return tx.query<RoomRecord>(LOCK, [tokens.map(roomTokenKey)]);
  }

  /** Undefined when the token is taken, in any case. */
  async insert(
    queries: Queries,
    room: { token: RoomToken; name: string; description: string | null; createdAt: number },
  ): Promise<RoomRecord | undefined> {
    const values = [room.token, room.name, room.description, room.createdAt];
    return (await queries.query<RoomRecord>(INSERT, values))[0];
  }

  /** Like {@link insert}, but only into an installation without any room. */
  async insertFirst(room: {
    token: RoomToken;
    name: string;
    description: string | null;
    createdAt: number;
  }): Promise<RoomRecord | undefined> {
    const values = [room.token, room.name, room.description, room.createdAt];
    return (await this.database.query<RoomRecord>(INSERT_FIRST, values))[0];
  }

  /** Writes the locked `room`'s settings; returns the new `info_updates`. */
  async update(
    tx: Transaction,
    room: RoomRecord,
    bump: { infoUpdates: number; accessVersion: number },
  ): Promise<number> {
    const rows = await tx.query<{ infoUpdates: number }>(UPDATE, [
      room.id,
      room.name,
      room.description,
      room.imageId,
      room.defaultRead,
      room.defaultAccessible,
      room.defaultWrite,
      room.defaultUpload,
      bump.infoUpdates,
      bump.accessVersion,
      room.retentionDays,
      room.rateLimitPosts,
      room.rateLimitWindowSeconds,
    ]);
    tx.changed({ kind: 'room', roomId: room.id });
    return rows[0]!.infoUpdates;
  }

  /** Returns the new `info_updates`. */
  async bump(
    tx: Transaction,
    roomId: number,
    by: { infoUpdates: number; accessVersion: number },
  ): Promise<number> {
    const rows = await tx.query<{ infoUpdates: number }>(BUMP, [roomId, by.infoUpdates, by.accessVersion]);
    tx.changed({ kind: 'room', roomId });
    return rows[0]!.infoUpdates;
  }

  /** Newcomers cannot write until then. Undefined when they cannot already (or the room is gone). */
  async closeToNewcomers(
    tx: Transaction,
    roomId: number,
    times: { now: number; until: number },
  ): Promise<RoomName | undefined> {
    const [closed] = await tx.query<RoomName>(CLOSE_TO_NEWCOMERS, [roomId, times.now, times.until]);
    if (closed) tx.changed({ kind: 'room', roomId });
    return closed;
  }

  /** Rooms whose time of that is over. */
  async openToNewcomers(tx: Transaction, now: number): Promise<RoomName[]> {
    const opened = await tx.query<RoomName>(OPEN_TO_NEWCOMERS, [now]);
    for (const { id } of opened) tx.changed({ kind: 'room', roomId: id });
    return opened;
  }

  /** Counts a change that shows in every room; returns the new `info_updates` of each. */
  async bumpAllInfoUpdates(
    tx: Transaction,
    by: number,
  ): Promise<{ token: RoomToken; infoUpdates: number }[]> {
    const rows = await tx.query<{ id: number; token: RoomToken; infoUpdates: number }>(BUMP_ALL, [by]);
    for (const { id } of rows) tx.changed({ kind: 'room', roomId: id });
    return rows;
  }

  /**
   * Removes the room with everything in it; its files expire at `now` (protocol.md §14).
   * Returns what it was, or undefined when there is none.
   */
  async delete(tx: Transaction, token: RoomToken, now: number): Promise<RoomRecord | undefined> {
    const [room] = await tx.query<RoomRecord>(LOCK_FOR_DELETION, [roomTokenKey(token)]);
    if (!room) return undefined;
    await tx.query(EXPIRE_FILES, [room.id, now]);
    await tx.query(DELETE, [room.id]);
    tx.changed({ kind: 'room', roomId: room.id });
    return room;
  }
}

type JoinedRow = RoomRecord & OverrideRecord & { overrideRoomId: number | null };

function splitRow(row: JoinedRow): RoomWithOverride {
  const { overrideRoomId, banned, moderator, admin, visibleMod, read, accessible, write, upload, ...room } =
    row;
  const override = { banned, moderator, admin, visibleMod, read, accessible, write, upload };
  return { room, override: overrideRoomId === null ? undefined : override };
}
