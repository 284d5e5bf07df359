import { Injectable } from '@nestjs/common';
import { Database, statement, type Queries } from './database.js';

/** How somebody stands here, for rules that are stricter with newcomers. */
export interface StandingRecord {
  /** Unix seconds; to the hour once it is a day ago. */
  createdAt: number;
  /** Delivered ones that are not deleted; counted no further than asked for. */
  posts: number;
}

/** In whatever rooms. */
export interface RolesAnywhere {
  moderates: boolean;
  isBanned: boolean;
}

const VISIBLE_POST = `author_id = $1 AND data IS NOT NULL AND NOT filtered`;
const standingOf = (where: string): string =>
  `SELECT created_at AS "createdAt", (SELECT count(*) FROM (SELECT FROM messages WHERE ${where} LIMIT $2) AS few) AS posts
   FROM users WHERE id = $1`;
const IN_ROOM = statement('standing.in-room', standingOf(`room_id = $3 AND ${VISIBLE_POST}`));
const ANYWHERE = statement('standing.anywhere', standingOf(VISIBLE_POST));
const ROLES = statement(
  'standing.roles-anywhere',
  `SELECT coalesce(bool_or(moderator), false) AS moderates, coalesce(bool_or(banned), false) AS "isBanned"
   FROM permission_overrides WHERE user_id = $1`,
);

@Injectable()
export class StandingRepository {
  constructor(private readonly database: Database) {}

  /** `roomId`: where posts count; undefined for all rooms. */
  async of(
    userId: number,
    { roomId, postsMax }: { roomId: number | undefined; postsMax: number },
    queries: Queries = this.database,
  ): Promise<StandingRecord> {
    const rows = await (roomId === undefined
      ? queries.query<StandingRecord>(ANYWHERE, [userId, postsMax])
      : queries.query<StandingRecord>(IN_ROOM, [userId, postsMax, roomId]));
    return rows[0]!;
  }

  /** Roles in single rooms; those of the whole server are the user's own. */
  async rolesAnywhere(userId: number, queries: Queries = this.database): Promise<RolesAnywhere> {
    return (await queries.query<RolesAnywhere>(ROLES, [userId]))[0]!;
  }
}
