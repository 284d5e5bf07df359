import { Injectable } from '@nestjs/common';
import { Database, statement, type Transaction } from './database.js';

/** How an action reached the server. */
export type ActionOrigin = 'protocol' | 'command-line' | 'admin-api' | 'filter' | 'worker';

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

const APPEND = statement(
  'moderation-log.append',
  `INSERT INTO moderation_log (at, actor_id, via, action, target_id, room_id, room_token, message_id, detail)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

const DELETED_BY_JOB = statement(
  'moderation-log.deleted-by-job',
  `SELECT coalesce(sum((detail ->> 'messages')::bigint), 0)::bigint AS messages FROM moderation_log
   WHERE target_id = $1 AND detail ->> 'job' = $2`,
);

@Injectable()
export class ModerationLogRepository {
  constructor(private readonly database: Database) {}

  /** Part of the transaction of what it records: neither is there without the other. */
  async append(tx: Transaction, entry: LogEntry): Promise<void> {
    await tx.query(APPEND, [
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
  }

  /** How many messages of somebody a job has deleted so far, by its own entries. */
  async deletedByJob(targetId: number, job: string): Promise<number> {
    return (await this.database.query<{ messages: number }>(DELETED_BY_JOB, [targetId, job]))[0]!.messages;
  }
}
