import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Transaction } from './database.js';

/** How an action reached the server. */
export const ACTION_ORIGINS = ['protocol', 'command-line', 'admin-api', 'filter', 'worker'] as const;
export type ActionOrigin = (typeof ACTION_ORIGINS)[number];

export interface LogEntry {
  at: number;
  actorId: number | null;
  via: ActionOrigin;
  /** Noun and verb, such as `room.create`. */
  action: string;
  targetId?: number | undefined;
  /** The id is null when the room is gone. */
  room?: { id: number | null; token: string } | undefined;
  messageId?: number | undefined;
  /** What else is worth knowing; never message content. */
  detail?: Record<string, unknown>;
}

/** An entry as it is read. */
export interface LogRecord {
  id: number;
  at: number;
  /** Null when that user is gone. */
  actor: SessionId | null;
  via: ActionOrigin;
  action: string;
  /** Null when the action is about nobody in particular. */
  target: SessionId | null;
  /** Also of a room that is gone. */
  room: string | null;
  messageId: number | null;
  detail: Record<string, unknown>;
}

/** Which entries; what is left out does not matter. */
export interface LogQuery {
  /** Without case. */
  room?: string | undefined;
  actor?: SessionId | undefined;
  target?: SessionId | undefined;
  /** `message.delete`, or `message` for all that begin with `message.`. */
  action?: string | undefined;
  via?: ActionOrigin | undefined;
  /** Ids of rooms; entries about the server as a whole are then left out. */
  roomIds?: readonly number[] | undefined;
  /** The name of an admin token. */
  token?: string | undefined;
  /** Unix seconds: not before, and not at or after. */
  since?: number | undefined;
  until?: number | undefined;
  /** Ids: below this one (the next page), and above this one (what is new). */
  beforeId?: number | undefined;
  afterId?: number | undefined;
  limit: number;
}

const LIST = statement(
  'moderation-log.list',
  `SELECT entry.id, at, actor.session_id AS actor, via, action, target.session_id AS target, room_token AS room,
     message_id AS "messageId", detail
   FROM moderation_log AS entry LEFT JOIN users AS actor ON actor.id = actor_id
     LEFT JOIN users AS target ON target.id = target_id
   WHERE ($1::text IS NULL OR lower(room_token COLLATE "C") = $1)
     AND ($2::text IS NULL OR actor_id = (SELECT id FROM users WHERE session_id = $2))
     AND ($3::text IS NULL OR target_id = (SELECT id FROM users WHERE session_id = $3))
     AND ($4::text IS NULL OR action = $4 OR starts_with(action, $4 || '.'))
     AND ($5::text IS NULL OR via = $5)
     AND ($6::float8 IS NULL OR at >= $6) AND ($7::float8 IS NULL OR at < $7)
     AND ($8::int8 IS NULL OR entry.id < $8) AND ($9::int8 IS NULL OR entry.id > $9)
     AND ($11::int8[] IS NULL OR room_id = ANY($11)) AND ($12::text IS NULL OR detail ->> 'token' = $12)
   ORDER BY entry.id DESC LIMIT $10`,
);

const FIND = statement(
  'moderation-log.find',
  `SELECT entry.id, at, actor.session_id AS actor, via, action, target.session_id AS target, room_token AS room,
     message_id AS "messageId", detail
   FROM moderation_log AS entry LEFT JOIN users AS actor ON actor.id = actor_id
     LEFT JOIN users AS target ON target.id = target_id WHERE entry.id = $1`,
);

const APPEND = statement(
  'moderation-log.append',
  `INSERT INTO moderation_log (at, actor_id, via, action, target_id, room_id, room_token, message_id, detail)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
);

const DELETED_BY_JOB = statement(
  'moderation-log.deleted-by-job',
  `SELECT coalesce(sum((detail ->> 'messages')::bigint), 0)::bigint AS messages FROM moderation_log
   WHERE target_id = $1 AND detail ->> 'job' = $2`,
);

@Injectable()
export class ModerationLogRepository {
  constructor(private readonly database: Database) {}

  /** Part of the transaction of what it records: neither is there without the other. Returns the entry's id. */
  async append(tx: Transaction, entry: LogEntry): Promise<number> {
    const rows = await tx.query<{ id: number }>(APPEND, [
      entry.at,
      entry.actorId,
      entry.via,
      entry.action,
      entry.targetId ?? null,
      entry.room?.id ?? null,
      entry.room?.token ?? null,
      entry.messageId ?? null,
      entry.detail ?? {},
    ]);
    return rows[0]!.id;
  }

  async find(id: number): Promise<LogRecord | undefined> {
    return (await this.database.query<LogRecord>(FIND, [id]))[0];
  }

  /** Newest first. */
  async list(query: LogQuery): Promise<LogRecord[]> {
    const { actor, target, action, via, since, until, beforeId, afterId, limit } = query;
    const given = [query.room?.toLowerCase(), actor, target, action, via, since, until, beforeId, afterId];
    const rest = [limit, query.roomIds ?? null, query.token ?? null];
    return this.database.query(LIST, [...given.map((value) => value ?? null), ...rest]);
  }

  /** How many messages of somebody a job has deleted so far, by its own entries. */
  async deletedByJob(targetId: number, job: string): Promise<number> {
    return (await this.database.query<{ messages: number }>(DELETED_BY_JOB, [targetId, job]))[0]!.messages;
  }
}
