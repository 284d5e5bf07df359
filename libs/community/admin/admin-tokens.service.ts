import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { badRequest, notFound } from '../../protocol/errors.js';
import { roomTokenKey, type RoomToken } from '../../protocol/ids.js';
import {
  AdminTokensRepository,
  type AdminRole,
  type AdminTokenRecord,
} from '../../storage/admin/admin-tokens.repository.js';
import { Database } from '../../storage/database.js';
import { RoomsRepository } from '../../storage/rooms.repository.js';
import type { Actor } from '../actor.js';
import { ModerationLogService } from '../moderation-log.service.js';
import { Secrets } from './secrets.js';

export type { AdminTokenRecord } from '../../storage/admin/admin-tokens.repository.js';

export interface TokenWish {
  name: string;
  role: AdminRole;
  /** Undefined: everywhere. */
  rooms?: readonly RoomToken[] | undefined;
  /** Unix seconds; undefined: never. */
  expiresAt?: number | undefined;
}

const PUBLIC_BYTES = 6;
const TOKEN = /^plz_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
/** When a token was last used is written down to the minute. */
const USE_SECONDS = 60;
export const TOKEN_NAME_LENGTH_MAX = 64;
// eslint-disable-next-line no-control-regex
const NAME = /^[^\u0000-\u001f\u007f]+$/;
export const TOKEN_ROOMS_MAX = 1_000;

/** Bearer tokens of the admin API: `plz_`, what finds the row, `_`, a secret of which only the hash is kept. */
@Injectable()
export class AdminTokensService {
  constructor(
    private readonly database: Database,
    private readonly tokens: AdminTokensRepository,
    private readonly rooms: RoomsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /**
   * `token` is the whole of it, which nobody sees again. Undefined when a token that works has this name. Throws 400
   * for a name that is none and a time that is past, 404 for a room that is not there.
   */
  async create(
    actor: Actor,
    wish: TokenWish,
  ): Promise<{ token: string; record: AdminTokenRecord } | undefined> {
    const now = this.clock.nowSeconds();
    const { role, rooms, expiresAt } = wish;
    const name = wish.name.trim();
    if (!NAME.test(name) || name.length > TOKEN_NAME_LENGTH_MAX)
      throw badRequest(`The name of a token has 1 to ${TOKEN_NAME_LENGTH_MAX} printable characters`);
    if (expiresAt !== undefined && expiresAt <= now) throw badRequest('A token cannot expire in the past');
    if (rooms && (rooms.length === 0 || rooms.length > TOKEN_ROOMS_MAX))
      throw badRequest(`A token is for 1 to ${TOKEN_ROOMS_MAX} rooms, or for all`);
    const publicId = this.secrets.random(PUBLIC_BYTES).toString('hex');
    const secret = this.secrets.random();
    const record = await this.database.transaction(async (tx) => {
      const found = rooms ? await this.rooms.lockAll(tx, rooms) : [];
      const known = new Set(found.map(({ token }) => roomTokenKey(token)));
      const unknown = rooms?.find((token) => !known.has(roomTokenKey(token)));
      if (unknown !== undefined) throw notFound(`There is no room "${unknown}"`);
      const secretHash = this.secrets.hash(secret);
      const token = { publicId, secretHash, name, role, everywhere: rooms === undefined };
      const times = { createdAt: now, expiresAt: expiresAt ?? null };
      const roomIds = found.map(({ id }) => id);
      const id = await this.tokens.insert(tx, { ...token, ...times }, roomIds);
      if (id === undefined) return undefined;
      const detail = { name, role, ...(rooms && { rooms }), ...(expiresAt !== undefined && { expiresAt }) };
      await this.moderationLog.record(tx, actor, { action: 'token.create', detail });
      return this.tokens.find(id, tx);
    });
    return record && { token: `plz_${publicId}_${secret.toString('base64url')}`, record };
  }

  /** Newest first, revoked and expired ones too. */
  list(page: { beforeId?: number | undefined; limit: number }): Promise<AdminTokenRecord[]> {
    return this.tokens.list({ beforeId: page.beforeId, limit: page.limit });
  }

  find(id: number): Promise<AdminTokenRecord | undefined> {
    return this.tokens.find(id);
  }

  /** False when there is none, or it was revoked before. `check` may throw once the row is known, and nothing is changed. */
  async revoke(
    actor: Actor,
    id: number,
    check: (record: AdminTokenRecord) => void = () => undefined,
  ): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const record = await this.tokens.find(id, tx);
      if (!record) return false;
      check(record);
      if (!(await this.tokens.revoke(tx, id, this.clock.nowSeconds()))) return false;
      await this.moderationLog.record(tx, actor, { action: 'token.revoke', detail: { name: record.name } });
      return true;
    });
  }

  /** Undefined for what is no token, or one that is revoked or expired. */
  async authenticate(text: string): Promise<AdminTokenRecord | undefined> {
    const [, publicId, secret] = TOKEN.exec(text) ?? [];
    if (publicId === undefined || secret === undefined) return undefined;
    const found = await this.tokens.findByPublicId(publicId);
    if (!found) return undefined;
    const { secretHash, ...record } = found;
    const now = this.clock.nowSeconds();
    if (!this.secrets.isEqual(this.secrets.hash(Buffer.from(secret, 'base64url')), secretHash))
      return undefined;
    if (record.revokedAt !== null || (record.expiresAt !== null && record.expiresAt <= now)) return undefined;
    const minute = Math.floor(now / USE_SECONDS) * USE_SECONDS;
    if ((record.lastUsedAt ?? 0) < minute) await this.tokens.used(record.id, minute);
    return record;
  }
}
