import { Injectable } from '@nestjs/common';
import type { RoomToken } from '../../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from '../database.js';

export const ADMIN_ROLES = ['viewer', 'moderator', 'admin'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

export interface AdminTokenRecord {
  id: number;
  /** The part of the token that may be shown. */
  publicId: string;
  name: string;
  role: AdminRole;
  /** False: in {@link rooms} alone. */
  everywhere: boolean;
  /** Those that still exist, by token. */
  rooms: { id: number; token: RoomToken }[];
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface NewAdminToken {
  publicId: string;
  secretHash: Buffer;
  name: string;
  role: AdminRole;
  everywhere: boolean;
  createdAt: number;
  expiresAt: number | null;
}

const SELECT = `SELECT admin_tokens.id, public_id AS "publicId", secret_hash AS "secretHash", admin_tokens.name, role,
    everywhere, admin_tokens.created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
    revoked_at AS "revokedAt",
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', rooms.id, 'token', rooms.token) ORDER BY token_key)
      FROM admin_token_rooms JOIN rooms ON rooms.id = room_id WHERE token_id = admin_tokens.id), '[]') AS rooms
  FROM admin_tokens`;
const FIND_PUBLIC = statement('admin-tokens.find-public', `${SELECT} WHERE public_id = $1`);
const FIND = statement('admin-tokens.find', `${SELECT} WHERE admin_tokens.id = $1`);
const LIST = statement(
  'admin-tokens.list',
  `${SELECT} WHERE $1::int8 IS NULL OR admin_tokens.id < $1 ORDER BY admin_tokens.id DESC LIMIT $2`,
);
const INSERT = statement(
  'admin-tokens.insert',
  `INSERT INTO admin_tokens (public_id, secret_hash, name, role, everywhere, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING RETURNING id`,
);
const INSERT_ROOMS = statement(
  'admin-tokens.insert-rooms',
  `INSERT INTO admin_token_rooms (token_id, room_id) SELECT $1, unnest($2::int8[])`,
);
const REVOKE = statement(
  'admin-tokens.revoke',
  `UPDATE admin_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id`,
);
const USED = statement(
  'admin-tokens.used',
  `UPDATE admin_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)`,
);

/** Tokens of the admin API, revoked ones too. */
@Injectable()
export class AdminTokensRepository {
  constructor(private readonly database: Database) {}

  /** With the hash of its secret, for whoever checks it. */
  async findByPublicId(publicId: string): Promise<(AdminTokenRecord & { secretHash: Buffer }) | undefined> {
    return (await this.database.query<AdminTokenRecord & { secretHash: Buffer }>(FIND_PUBLIC, [publicId]))[0];
  }

  async find(id: number, queries: Queries = this.database): Promise<AdminTokenRecord | undefined> {
    return (await queries.query<AdminTokenRecord>(FIND, [id]))[0];
  }

  /** Newest first, with ids below `beforeId`. */
  async list(page: { beforeId: number | undefined; limit: number }): Promise<AdminTokenRecord[]> {
    return this.database.query(LIST, [page.beforeId ?? null, page.limit]);
  }

  /** Undefined when a token that works has this name. */
  async insert(
    tx: Transaction,
    token: NewAdminToken,
    roomIds: readonly number[],
  ): Promise<number | undefined> {
    const { publicId, secretHash, name, role, everywhere, createdAt, expiresAt } = token;
    const values = [publicId, secretHash, name, role, everywhere, createdAt, expiresAt];
    const [row] = await tx.query<{ id: number }>(INSERT, values);
    if (row) await tx.query(INSERT_ROOMS, [row.id, roomIds]);
    return row?.id;
  }

  /** False when it does not exist or was revoked before. */
  async revoke(tx: Transaction, id: number, now: number): Promise<boolean> {
    return (await tx.query(REVOKE, [id, now])).length > 0;
  }

  async used(id: number, at: number): Promise<void> {
    await this.database.query(USED, [id, at]);
  }
}
