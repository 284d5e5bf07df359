import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database.js';

/** How large a community is. */
export interface CommunityCounts {
  rooms: number;
  /** Whoever was ever here, and was not only named by an operator. */
  users: number;
  /** Since the given time. */
  activeUsers: number;
  /** Of the whole server. */
  bannedUsers: number;
  files: number;
  fileBytes: number;
}

const COUNT = statement(
  'community-counts.count',
  `SELECT (SELECT count(*) FROM rooms) AS rooms, users.*, files.*
   FROM (SELECT count(last_active_at) AS users, count(*) FILTER (WHERE last_active_at >= $1) AS "activeUsers",
       count(*) FILTER (WHERE banned) AS "bannedUsers" FROM users) AS users,
     (SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS "fileBytes" FROM files
       WHERE expires_at IS NULL OR expires_at > $2) AS files`,
);

@Injectable()
export class CommunityCountsRepository {
  constructor(private readonly database: Database) {}

  async count(times: { activeSince: number; now: number }): Promise<CommunityCounts> {
    return (await this.database.query<CommunityCounts>(COUNT, [times.activeSince, times.now]))[0]!;
  }
}
