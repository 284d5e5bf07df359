import { Injectable } from '@nestjs/common';
import { Database, statement } from './database.js';

/** No room has this id. */
export const WHOLE_SERVER = 0;

/** What a process counts by itself, of one room or of {@link WHOLE_SERVER}. */
export interface Counts {
  posts: number;
  polls: number;
  files: number;
  fileBytes: number;
}

/** A stretch of time that is counted as one: an hour or a day. */
export interface Period {
  stepHours: 1 | 24;
  /** Unix seconds at which it begins. */
  at: number;
}

/** What happened in one period. */
export interface PeriodRecord extends Counts {
  at: number;
  activeUsers: number;
  /** By the names of the moderation log's actions. */
  moderation: Record<string, number>;
}

const HOUR_SECONDS = 3600;

const ADD = statement(
  'statistics.add',
  // In one order for everybody, so that two processes cannot wait for each other.
  `INSERT INTO statistics (room_id, step_hours, at, posts, polls, files, file_bytes)
   SELECT room_id, hours, floor($1::float8 / (hours * ${HOUR_SECONDS})) * (hours * ${HOUR_SECONDS}), posts, polls, files, bytes
   FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
     AS given(room_id, posts, polls, files, bytes), (VALUES (1), (24)) AS step(hours)
   WHERE room_id = ${WHOLE_SERVER} OR EXISTS (SELECT FROM rooms WHERE id = room_id)
   ORDER BY room_id, hours
   ON CONFLICT (room_id, step_hours, at) DO UPDATE SET posts = statistics.posts + excluded.posts,
     polls = statistics.polls + excluded.polls, files = statistics.files + excluded.files,
     file_bytes = statistics.file_bytes + excluded.file_bytes`,
);

const TALLY_ACTIVE_USERS = statement(
  'statistics.tally-active-users',
  // Somebody who comes again in the next hour is no longer seen in this one, so that the greatest number is the right one.
  `INSERT INTO statistics (room_id, step_hours, at, active_users)
   SELECT coalesce(room_id, ${WHOLE_SERVER}), $1::int, $2::float8, count(DISTINCT user_id) FROM room_activity
   WHERE last_active_at >= $2 AND last_active_at < $2 + $1 * ${HOUR_SECONDS}
   GROUP BY GROUPING SETS ((room_id), ()) HAVING count(*) > 0 ORDER BY 1
   ON CONFLICT (room_id, step_hours, at) DO UPDATE SET active_users = excluded.active_users
   WHERE statistics.active_users < excluded.active_users`,
);

const TALLY_MODERATION = statement(
  'statistics.tally-moderation',
  // Counted anew each time: the log is exact, and says it for as long as a period is counted.
  `INSERT INTO statistics (room_id, step_hours, at, moderation)
   SELECT place, $1::int, $2::float8, jsonb_object_agg(action, times) FROM (
     SELECT coalesce(room_id, ${WHOLE_SERVER}) AS place, action, count(*) AS times FROM moderation_log
     WHERE at >= $2 AND at < $2 + $1 * ${HOUR_SECONDS}
     GROUP BY GROUPING SETS ((room_id, action), (action))
     HAVING GROUPING(room_id) = 1 OR room_id IS NOT NULL) AS counted
   GROUP BY place ORDER BY place
   ON CONFLICT (room_id, step_hours, at) DO UPDATE SET moderation = excluded.moderation
   WHERE statistics.moderation <> excluded.moderation`,
);

const LIST = statement(
  'statistics.list',
  `SELECT at, active_users AS "activeUsers", posts, polls, files, file_bytes AS "fileBytes", moderation
   FROM statistics WHERE room_id = $1 AND step_hours = $2 AND at >= $3 AND at < $4 ORDER BY at`,
);

const DROP = statement(
  'statistics.drop',
  `DELETE FROM statistics WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM statistics WHERE step_hours = $1 AND at < $2 ORDER BY at LIMIT $3)) RETURNING at`,
);

/** Numbers by hour and by day. Several processes add up. */
@Injectable()
export class StatisticsRepository {
  constructor(private readonly database: Database) {}

  /** Adds to the hour and the day of `at`; what belongs to rooms that are gone is left out. */
  async add(at: number, counts: ReadonlyMap<number, Counts>): Promise<void> {
    const rows = [...counts.values()];
    await this.database.query(ADD, [
      at,
      [...counts.keys()],
      rows.map(({ posts }) => posts),
      rows.map(({ polls }) => polls),
      rows.map(({ files }) => files),
      rows.map(({ fileBytes }) => fileBytes),
    ]);
  }

  /** Counts who was active in a period, from what is known of everybody's last visit: while it lasts, or just after. */
  async tallyActiveUsers({ stepHours, at }: Period): Promise<void> {
    await this.database.query(TALLY_ACTIVE_USERS, [stepHours, at]);
  }

  /** Counts the entries of the moderation log in a period. */
  async tallyModeration({ stepHours, at }: Period): Promise<void> {
    await this.database.query(TALLY_MODERATION, [stepHours, at]);
  }

  /** Periods in which anything happened, oldest first, from `from` to before `to`. */
  async list(
    roomId: number,
    { stepHours, from, to }: { stepHours: 1 | 24; from: number; to: number },
  ): Promise<PeriodRecord[]> {
    return this.database.query(LIST, [roomId, stepHours, from, to]);
  }

  /** Forgets periods of one length that began before then, at most `limit`; returns how many. */
  async drop(stepHours: 1 | 24, before: number, limit: number): Promise<number> {
    return (await this.database.query(DROP, [stepHours, before, limit])).length;
  }
}
