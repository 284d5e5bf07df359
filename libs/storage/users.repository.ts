import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from './database.js';

export interface UserRecord {
  id: number;
  sessionId: SessionId;
  banned: boolean;
  moderator: boolean;
  admin: boolean;
  visibleMod: boolean;
  /** Unix seconds to the hour; null for somebody who was named but has never been here. */
  lastActiveAt: number | null;
}

export interface GlobalModerator {
  userId: number;
  sessionId: SessionId;
  admin: boolean;
  visible: boolean;
}

const COLUMNS = `id, session_id AS "sessionId", banned, moderator, admin, visible_mod AS "visibleMod",
  last_active_at AS "lastActiveAt"`;

const FIND = statement('users.find', `SELECT ${COLUMNS} FROM users WHERE session_id = $1`);
const FIND_BY_ID = statement('users.find-by-id', `SELECT ${COLUMNS} FROM users WHERE id = $1`);
const FIND_EITHER = statement(
  'users.find-either',
  `SELECT ${COLUMNS} FROM users WHERE session_id = ANY($1) ORDER BY id LIMIT 1 FOR NO KEY UPDATE`,
);
const LOCK = statement(
  'users.lock',
  // Not FOR UPDATE: a post of this user checks its author while it holds the room, which would be a deadlock.
  `SELECT ${COLUMNS} FROM users WHERE id = $1 FOR NO KEY UPDATE`,
);
const INSERT = statement(
  'users.insert',
  `INSERT INTO users (session_id, created_at, last_active_at) VALUES ($1, $2, $3)
   ON CONFLICT (session_id) DO NOTHING RETURNING ${COLUMNS}`,
);
const SET_GLOBAL = statement(
  'users.set-global-flags',
  `UPDATE users SET banned = $2, moderator = $3, admin = $4, visible_mod = $5 WHERE id = $1`,
);
const GLOBAL_MODERATORS = statement(
  'users.global-moderators',
  `SELECT id AS "userId", session_id AS "sessionId", admin, visible_mod AS visible FROM users
   WHERE moderator ORDER BY session_id`,
);
const FLAGGED = statement(
  'users.flagged',
  `SELECT ${COLUMNS} FROM users WHERE banned OR moderator ORDER BY id LIMIT $1`,
);
const ABSOLUTE_LOCK = statement(
  'users.lock-absolute-id',
  `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`,
);
const REMEMBER_PENDING = statement(
  'users.remember-pending-blinding',
  `INSERT INTO pending_blinding (absolute_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
);
const TAKE_PENDING = statement(
  'users.take-pending-blinding',
  `DELETE FROM pending_blinding WHERE absolute_id = $1 RETURNING user_id AS "userId"`,
);
const TOUCH = statement(
  'users.touch-last-active',
  `UPDATE users SET last_active_at = seen.at
   FROM unnest($1::bigint[], $2::float8[]) AS seen(user_id, at)
   WHERE users.id = seen.user_id AND (users.last_active_at IS NULL OR users.last_active_at < seen.at)`,
);

export type GlobalFlags = Pick<UserRecord, 'banned' | 'moderator' | 'admin' | 'visibleMod'>;

@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  async find(sessionId: SessionId, queries: Queries = this.database): Promise<UserRecord | undefined> {
    return (await queries.query<UserRecord>(FIND, [sessionId]))[0];
  }

  async findById(userId: number): Promise<UserRecord | undefined> {
    return (await this.database.query<UserRecord>(FIND_BY_ID, [userId]))[0];
  }

  /** The first that exists of several ids of one person, locked. */
  async findEither(tx: Transaction, sessionIds: readonly SessionId[]): Promise<UserRecord | undefined> {
    return (await tx.query<UserRecord>(FIND_EITHER, [sessionIds]))[0];
  }

  async lock(tx: Transaction, userId: number): Promise<UserRecord | undefined> {
    return (await tx.query<UserRecord>(LOCK, [userId]))[0];
  }

  /** Undefined when the row exists already (also when another transaction was just making it). */
  async insert(
    tx: Transaction,
    user: { sessionId: SessionId; createdAt: number; lastActiveAt: number | null },
  ): Promise<UserRecord | undefined> {
    return (await tx.query<UserRecord>(INSERT, [user.sessionId, user.createdAt, user.lastActiveAt]))[0];
  }

  async setGlobalFlags(tx: Transaction, userId: number, flags: GlobalFlags): Promise<void> {
    await tx.query(SET_GLOBAL, [userId, flags.banned, flags.moderator, flags.admin, flags.visibleMod]);
    tx.changed({ kind: 'users' });
  }

  async globalModerators(queries: Queries = this.database): Promise<GlobalModerator[]> {
    return queries.query<GlobalModerator>(GLOBAL_MODERATORS);
  }

  /** Everybody who is banned, a moderator or an admin, at most `limit` of them. */
  async flagged(limit: number): Promise<UserRecord[]> {
    return this.database.query<UserRecord>(FLAGGED, [limit]);
  }

  /** Until the end of the transaction nobody else makes, finds or names a user with this absolute id (protocol.md §1.1). */
  async lockAbsoluteId(tx: Transaction, absoluteId: SessionId): Promise<void> {
    await tx.query(ABSOLUTE_LOCK, [absoluteId]);
  }

  async rememberPendingBlinding(tx: Transaction, absoluteId: SessionId, userId: number): Promise<void> {
    await tx.query(REMEMBER_PENDING, [absoluteId, userId]);
  }

  /** The 05 user who waits for this absolute id, who now waits no longer. */
  async takePendingBlinding(tx: Transaction, absoluteId: SessionId): Promise<number | undefined> {
    return (await tx.query<{ userId: number }>(TAKE_PENDING, [absoluteId]))[0]?.userId;
  }

  /** Records when users were last here, many at once; never moves a time back. */
  async touchLastActive(seen: ReadonlyMap<number, number>, queries: Queries = this.database): Promise<void> {
    await queries.query(TOUCH, [[...seen.keys()], [...seen.values()]]);
  }
}
