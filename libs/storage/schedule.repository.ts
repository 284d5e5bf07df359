import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from './database.js';

export interface ScheduledChange {
  sessionId: SessionId;
  /** Unix seconds. */
  dueAt: number;
  read: boolean | null;
  write: boolean | null;
  upload: boolean | null;
  banned: boolean | null;
  /** The room's default then comes instead of an override; what is told is that of now. */
  toDefault: boolean;
}

/** A change whose time has come. */
export interface DueChange {
  /** Null: the whole server. */
  roomId: number | null;
  userId: number;
  read: boolean | null;
  write: boolean | null;
  upload: boolean | null;
  banned: boolean | null;
  /** The permissions that are not null lose their override. */
  toDefault: boolean;
}

/** Permissions that can be scheduled. */
export interface ScheduledFlags {
  read?: boolean | undefined;
  write?: boolean | undefined;
  upload?: boolean | undefined;
}

/** A value equal to the default is how the protocol says "no override" (protocol.md §5). */
const SHOWN = (flag: 'read' | 'write' | 'upload'): string =>
  `CASE WHEN to_default AND ${flag} IS NOT NULL THEN rooms.default_${flag} ELSE ${flag} END AS ${flag}`;
const LIST = statement(
  'schedule.of-room',
  `SELECT users.session_id AS "sessionId", due_at AS "dueAt", scheduled_changes.banned,
     ${SHOWN('read')}, ${SHOWN('write')}, ${SHOWN('upload')}, to_default IS TRUE AS "toDefault"
   FROM scheduled_changes JOIN users ON users.id = user_id JOIN rooms ON rooms.id = room_id
   WHERE room_id = $1 AND ($2::bigint IS NULL OR user_id = $2) ORDER BY due_at, scheduled_changes.id`,
);
const ADD = statement(
  'schedule.add-flags',
  `INSERT INTO scheduled_changes (room_id, user_id, due_at, read, write, upload, to_default)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const ADD_UNBAN = statement(
  'schedule.add-unban',
  `INSERT INTO scheduled_changes (room_id, user_id, due_at, banned) VALUES ($1, $2, $3, false)`,
);
// Entries with nothing left go first, since an empty one may not exist; the others lose the touched flags.
const EMPTIED = `coalesce(CASE WHEN $3 THEN NULL ELSE read END, CASE WHEN $4 THEN NULL ELSE write END,
  CASE WHEN $5 THEN NULL ELSE upload END, banned) IS NULL`;
const DROP_EMPTIED = statement(
  'schedule.drop-emptied',
  `DELETE FROM scheduled_changes WHERE room_id = $1 AND user_id = $2 AND ${EMPTIED}`,
);
const CLEAR_FLAGS = statement(
  'schedule.clear-flags',
  `UPDATE scheduled_changes SET read = CASE WHEN $3 THEN NULL ELSE read END,
     write = CASE WHEN $4 THEN NULL ELSE write END, upload = CASE WHEN $5 THEN NULL ELSE upload END
   WHERE room_id = $1 AND user_id = $2`,
);
const IS_UNBAN = `room_id IS NOT DISTINCT FROM $1 AND user_id = $2 AND banned = false`;
const DROP_UNBANS = statement(
  'schedule.drop-unbans',
  `DELETE FROM scheduled_changes WHERE ${IS_UNBAN} AND coalesce(read, write, upload) IS NULL`,
);
const CLEAR_UNBANS = statement(
  'schedule.clear-unbans',
  `UPDATE scheduled_changes SET banned = NULL WHERE ${IS_UNBAN}`,
);

/** Any number that nobody else takes: one worker at a time takes from the schedule, so that the order holds. */
const TAKING_LOCK = 0x7363686564;
const LOCK_TAKING = statement('schedule.lock-taking', `SELECT pg_advisory_xact_lock(${TAKING_LOCK})`);
const TAKE_DUE = statement(
  'schedule.take-due',
  `DELETE FROM scheduled_changes WHERE id = (
     SELECT id FROM scheduled_changes WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1)
   RETURNING room_id AS "roomId", user_id AS "userId", read, write, upload, banned,
     to_default IS TRUE AS "toDefault"`,
);

/** Whose, and when (Unix seconds). */
export interface NewChange {
  roomId: number;
  userId: number;
  dueAt: number;
  toDefault?: boolean;
}

@Injectable()
export class ScheduleRepository {
  constructor(private readonly database: Database) {}

  /** What is to happen in a room, to one user or (undefined) to all, by time. */
  async list(
    roomId: number,
    userId: number | undefined,
    queries: Queries = this.database,
  ): Promise<ScheduledChange[]> {
    return queries.query(LIST, [roomId, userId ?? null]);
  }

  /**
   * With `toDefault` the named permissions lose their override; by their values older programs go, and lists of who
   * writes again when.
   */
  async add(
    tx: Transaction,
    { roomId, userId, dueAt, toDefault = false }: NewChange,
    flags: ScheduledFlags,
  ): Promise<void> {
    const { read = null, write = null, upload = null } = flags;
    await tx.query(ADD, [roomId, userId, dueAt, read, write, upload, toDefault || null]);
  }

  /** `roomId` null: the ban of the whole server. */
  async addUnban(tx: Transaction, roomId: number | null, userId: number, dueAt: number): Promise<void> {
    await tx.query(ADD_UNBAN, [roomId, userId, dueAt]);
  }

  /** Takes the named flags out of all of the user's entries; an entry without flags disappears (protocol.md §5). */
  async unschedule(
    tx: Transaction,
    roomId: number,
    userId: number,
    touched: { read: boolean; write: boolean; upload: boolean },
  ): Promise<void> {
    const values = [roomId, userId, touched.read, touched.write, touched.upload];
    await tx.query(DROP_EMPTIED, values);
    await tx.query(CLEAR_FLAGS, values);
  }

  /** `roomId` null: the ban of the whole server. */
  async unscheduleUnbans(tx: Transaction, roomId: number | null, userId: number): Promise<void> {
    await tx.query(DROP_UNBANS, [roomId, userId]);
    await tx.query(CLEAR_UNBANS, [roomId, userId]);
  }

  /** The next change that is due, which is gone with this transaction; others wait for its end. */
  async takeDue(tx: Transaction, now: number): Promise<DueChange | undefined> {
    await tx.query(LOCK_TAKING);
    return (await tx.query<DueChange>(TAKE_DUE, [now]))[0];
  }
}
