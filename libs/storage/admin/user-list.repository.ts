import { Injectable } from '@nestjs/common';
import type { SessionId } from '../../protocol/ids.js';
import { Database, statement } from '../database.js';

export interface UserListRecord {
  userId: number;
  sessionId: SessionId;
  /** Unix seconds. */
  firstSeenAt: number;
  /** To the hour; null: was named, but never here. */
  lastActiveAt: number | null;
  banned: boolean;
  moderator: boolean;
  admin: boolean;
}

export interface UserQuery {
  /** Of the session id, in lower case. */
  prefix?: string | undefined;
  /** Who has this role or more, on the server or in some room. */
  role?: 'moderator' | 'admin' | undefined;
  /** On the server or in some room. */
  banned?: boolean | undefined;
  beforeId?: number | undefined;
  limit: number;
}

const COLUMNS = `id AS "userId", session_id AS "sessionId", created_at AS "firstSeenAt",
  last_active_at AS "lastActiveAt", banned, moderator, admin`;
const inSomeRoom = (flag: string): string =>
  `EXISTS (SELECT FROM permission_overrides AS override WHERE override.user_id = users.id AND override.${flag})`;

const LIST = statement(
  'user-list.page',
  // The server's own user (ff…) is nobody to look after.
  `SELECT ${COLUMNS} FROM users
   WHERE session_id < 'f' AND ($1::text IS NULL OR (session_id >= $1 AND session_id < $1 || 'g'))
     AND CASE $2::text WHEN 'moderator' THEN moderator OR ${inSomeRoom('moderator')}
       WHEN 'admin' THEN admin OR ${inSomeRoom('admin')} ELSE true END
     AND ($3::bool IS NULL OR (banned OR ${inSomeRoom('banned')}) = $3)
     AND ($4::int8 IS NULL OR id < $4)
   ORDER BY id DESC LIMIT $5`,
);
const FIND = statement('user-list.find', `SELECT ${COLUMNS} FROM users WHERE id = $1`);

/** Everybody the server knows. */
@Injectable()
export class UserListRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  async list({ prefix, role, banned, beforeId, limit }: UserQuery): Promise<UserListRecord[]> {
    const values = [prefix ?? null, role ?? null, banned ?? null, beforeId ?? null, limit];
    return this.database.query(LIST, values);
  }

  async find(userId: number): Promise<UserListRecord | undefined> {
    return (await this.database.query<UserListRecord>(FIND, [userId]))[0];
  }
}
