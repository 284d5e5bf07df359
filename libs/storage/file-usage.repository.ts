import { Injectable } from '@nestjs/common';
import type { RoomToken, SessionId } from '../protocol/ids.js';
import { Database, statement } from './database.js';

export interface RoomUsage {
  /** Null: its room is gone, and it is about to be. */
  room: RoomToken | null;
  files: number;
  bytes: number;
}

export interface UploaderUsage {
  uploader: SessionId;
  files: number;
  bytes: number;
}

const LIVE = `(files.expires_at IS NULL OR files.expires_at > $1)`;
const COUNTS = `count(*) AS files, coalesce(sum(files.size), 0)::bigint AS bytes`;

const BY_ROOM = statement(
  'file-usage.by-room',
  `SELECT rooms.token AS room, ${COUNTS} FROM files LEFT JOIN rooms ON rooms.id = files.room_id
   WHERE ${LIVE} GROUP BY rooms.id ORDER BY bytes DESC, files DESC, room`,
);
const BY_UPLOADER = statement(
  'file-usage.by-uploader',
  `SELECT users.session_id AS uploader, ${COUNTS} FROM files JOIN users ON users.id = files.uploader_id
   WHERE ${LIVE} GROUP BY users.id ORDER BY bytes DESC, files DESC, uploader LIMIT $2`,
);

/** Who fills the store. Without what has expired by `now`. */
@Injectable()
export class FileUsageRepository {
  constructor(private readonly database: Database) {}

  /** Every room with files, the largest first. */
  async byRoom(now: number): Promise<RoomUsage[]> {
    return this.database.query(BY_ROOM, [now]);
  }

  /** The largest first. */
  async byUploader(now: number, limit: number): Promise<UploaderUsage[]> {
    return this.database.query(BY_UPLOADER, [now, limit]);
  }
}
