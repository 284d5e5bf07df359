import { Injectable } from '@nestjs/common';
import type { SessionId } from '../../protocol/ids.js';
import { Database, statement, type Transaction } from '../database.js';

export interface RoomFileRecord {
  id: number;
  filename: string | null;
  size: number;
  uploader: SessionId | null;
  messageId: number | null;
  mediaType: string | null;
  uploadedAt: number;
  expiresAt: number | null;
  isRoomImage: boolean;
}

const LIST = statement(
  'room-files.page',
  `SELECT files.id, filename, size, users.session_id AS uploader, message_id AS "messageId", media_type AS "mediaType",
     uploaded_at AS "uploadedAt", expires_at AS "expiresAt", coalesce(rooms.image_id = files.id, false) AS "isRoomImage"
   FROM files JOIN rooms ON rooms.id = files.room_id LEFT JOIN users ON users.id = uploader_id
   WHERE files.room_id = $1 AND (expires_at IS NULL OR expires_at > $2) AND ($3::int8 IS NULL OR files.id < $3)
   ORDER BY files.id DESC LIMIT $4`,
);
const EXPIRE = statement(
  'room-files.expire',
  `UPDATE files SET expires_at = $3 WHERE id = $1 AND room_id = $2 AND (expires_at IS NULL OR expires_at > $3)
     AND NOT EXISTS (SELECT FROM rooms WHERE rooms.image_id = files.id)
   RETURNING uploader_id AS "uploaderId", message_id AS "messageId"`,
);

/** Uploads of a room, one by one. */
@Injectable()
export class RoomFilesRepository {
  constructor(private readonly database: Database) {}

  /** Newest first; without what has expired at `now`. */
  async list(
    roomId: number,
    page: { now: number; beforeId: number | undefined; limit: number },
  ): Promise<RoomFileRecord[]> {
    return this.database.query(LIST, [roomId, page.now, page.beforeId ?? null, page.limit]);
  }

  /** From now on nobody gets it, and the worker removes it. Undefined when it is not there, or the room's image. */
  async expire(
    tx: Transaction,
    file: { id: number; roomId: number },
    now: number,
  ): Promise<{ uploaderId: number | null; messageId: number | null } | undefined> {
    const rows = await tx.query<{ uploaderId: number | null; messageId: number | null }>(EXPIRE, [
      file.id,
      file.roomId,
      now,
    ]);
    return rows[0];
  }
}
