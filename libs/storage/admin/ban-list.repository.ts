import { Injectable } from '@nestjs/common';
import type { RoomToken, SessionId } from '../../protocol/ids.js';
import { Database, statement } from '../database.js';

export const BAN_KINDS = ['ban', 'mute'] as const;
export type BanKind = (typeof BAN_KINDS)[number];

/** A ban, or that somebody may not write, as it stands. */
export interface BanRecord {
  kind: BanKind;
  userId: number;
  sessionId: SessionId;
  /** Null: the whole server. */
  roomId: number | null;
  room: RoomToken | null;
  /** When it ends by itself; null: it does not. */
  until: number | null;
  /** From the moderation log; 0 and null when it no longer tells. */
  at: number;
  by: SessionId | null;
  token: string | null;
  via: string | null;
  reason: string | null;
}

export interface BanQuery {
  kind?: BanKind | undefined;
  /** Undefined: everywhere. */
  roomIds?: readonly number[] | undefined;
  /** Whether bans of the whole server are among them. */
  withServer: boolean;
  userId?: number | undefined;
  /** Of the session id, in lower case. */
  prefix?: string | undefined;
  /** The last one of the page before. */
  after?: { at: number; userId: number; roomId: number } | undefined;
  limit: number;
}

const LIST = statement(
  'ban-list.page',
  `WITH bans AS (
     SELECT 'ban' AS kind, NULL::int8 AS room_id, id AS user_id FROM users WHERE banned AND $2
     UNION ALL SELECT 'ban', room_id, user_id FROM permission_overrides WHERE banned
     UNION ALL SELECT 'mute', room_id, user_id FROM permission_overrides WHERE write = false AND NOT banned AND NOT moderator),
   told AS (
     SELECT bans.kind, bans.user_id AS "userId", users.session_id AS "sessionId", bans.room_id AS "roomId",
       rooms.token AS room, ending.until, coalesce(entry.at, 0) AS at, entry.by, entry.token, entry.via, entry.reason
     FROM bans JOIN users ON users.id = bans.user_id LEFT JOIN rooms ON rooms.id = bans.room_id
     LEFT JOIN LATERAL (SELECT min(due_at) AS until FROM scheduled_changes AS change
       WHERE change.user_id = bans.user_id AND change.room_id IS NOT DISTINCT FROM bans.room_id
         AND CASE bans.kind WHEN 'ban' THEN change.banned = false ELSE change.write END) AS ending ON true
     LEFT JOIN LATERAL (SELECT at, actor.session_id AS by, detail ->> 'token' AS token, via, detail ->> 'reason' AS reason
       FROM moderation_log AS entry LEFT JOIN users AS actor ON actor.id = entry.actor_id
       WHERE entry.target_id = bans.user_id AND entry.room_id IS NOT DISTINCT FROM bans.room_id
         AND entry.action = bans.kind || '.set' ORDER BY entry.id DESC LIMIT 1) AS entry ON true
     WHERE ($1::text IS NULL OR bans.kind = $1)
       AND ($3::int8[] IS NULL OR bans.room_id IS NULL OR bans.room_id = ANY($3))
       AND ($4::int8 IS NULL OR bans.user_id = $4)
       AND ($5::text IS NULL OR (users.session_id >= $5 AND users.session_id < $5 || 'g')))
   SELECT * FROM told
   WHERE $6::float8 IS NULL OR (at, "userId", coalesce("roomId", 0)) < ($6, $7::int8, $8::int8)
   ORDER BY at DESC, "userId" DESC, coalesce("roomId", 0) DESC LIMIT $9`,
);

/** Who is banned or muted, for those who look after the community. */
@Injectable()
export class BanListRepository {
  constructor(private readonly database: Database) {}

  /** Newest first; those that the log no longer tells of come last. */
  async list(query: BanQuery): Promise<BanRecord[]> {
    const { kind, withServer, roomIds, userId, prefix, after, limit } = query;
    const place = [after?.at ?? null, after?.userId ?? null, after?.roomId ?? null];
    const values = [kind ?? null, withServer, roomIds ?? null, userId ?? null, prefix ?? null];
    return this.database.query(LIST, [...values, ...place, limit]);
  }
}
