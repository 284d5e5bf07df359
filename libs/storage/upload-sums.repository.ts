import { Injectable } from '@nestjs/common';
import { Database, statement } from './database.js';

interface Sum {
  number: number;
  bytes: number;
}

/** What was uploaded and is still kept. */
export interface UploadSums {
  /** By one user to one room. */
  user: Sum;
  room: Sum;
  server: Sum;
}

const IN_ROOM = 'FILTER (WHERE room_id = $2)';
const OF_USER = 'FILTER (WHERE room_id = $2 AND uploader_id = $3)';
const SINCE = statement(
  'files.upload-sums',
  `SELECT count(*) AS server, coalesce(sum(size), 0)::int8 AS "serverBytes",
     count(*) ${IN_ROOM} AS room, coalesce(sum(size) ${IN_ROOM}, 0)::int8 AS "roomBytes",
     count(*) ${OF_USER} AS "user", coalesce(sum(size) ${OF_USER}, 0)::int8 AS "userBytes"
   FROM files WHERE uploaded_at > $1`,
);

type SumsRow = Record<'server' | 'serverBytes' | 'room' | 'roomBytes' | 'user' | 'userBytes', number>;

@Injectable()
export class UploadSumsRepository {
  constructor(private readonly database: Database) {}

  /** `since`: Unix seconds. */
  async since(since: number, { userId, roomId }: { userId: number; roomId: number }): Promise<UploadSums> {
    const [row] = await this.database.query<SumsRow>(SINCE, [since, roomId, userId]);
    const { server, serverBytes, room, roomBytes, user, userBytes } = row!;
    return {
      user: { number: user, bytes: userBytes },
      room: { number: room, bytes: roomBytes },
      server: { number: server, bytes: serverBytes },
    };
  }
}
