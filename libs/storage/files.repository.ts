import { Injectable } from '@nestjs/common';
import { Database, statement, type Transaction } from './database.js';

export interface FileRecord {
  id: number;
  size: number;
  /** Unix seconds. */
  uploadedAt: number;
  /** Null: it does not expire. */
  expiresAt: number | null;
  filename: string | null;
}

/** What rules about files look at; null where no rule of the room asked for it at the time of the upload. */
export interface FileFacts {
  /** 32 bytes. */
  sha256: Buffer | null;
  /** 8 bytes. */
  imageHash: Buffer | null;
  /** By the content. */
  mediaType: string | null;
}

/** An upload that a message is about to take. */
export type AttachableFile = FileFacts & { id: number; filename: string | null };

/** A file that is the image of a room stays whatever happens to its message or its pin. */
const NOT_AN_IMAGE = `NOT EXISTS (SELECT FROM rooms WHERE rooms.image_id = files.id)`;

const NEXT_ID = statement('files.next-id', `SELECT nextval(pg_get_serial_sequence('files', 'id')) AS id`);
const INSERT = statement(
  'files.insert',
  `INSERT INTO files (id, room_id, uploader_id, size, uploaded_at, expires_at, filename, sha256, image_hash, media_type)
   SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, $10 FROM rooms WHERE id = $2 RETURNING id`,
);
const FIND = statement(
  'files.find',
  `SELECT id, size, uploaded_at AS "uploadedAt", expires_at AS "expiresAt", filename FROM files
   WHERE id = $1 AND room_id = $2 AND (expires_at IS NULL OR expires_at > $3)`,
);
/** $1: ids, $2: room, $3: uploader, $4: now, $5: not uploaded before. */
const FREE = `id = ANY($1) AND room_id = $2 AND uploader_id = $3 AND message_id IS NULL
  AND expires_at > $4 AND uploaded_at > $5`;
const ATTACHABLE = statement(
  'files.attachable',
  `SELECT id, filename, sha256, image_hash AS "imageHash", media_type AS "mediaType" FROM files WHERE ${FREE} ORDER BY id`,
);
const ATTACH = statement(
  'files.attach',
  // A room image does not expire, and so cannot be taken. The pin is locked, so that it cannot go meanwhile and
  // leave a file behind that nothing releases.
  `UPDATE files SET message_id = $6, expires_at = CASE
     WHEN EXISTS (SELECT FROM pins WHERE pins.room_id = $2 AND pins.message_id = $6 FOR KEY SHARE) THEN NULL
     ELSE $7::float8 END
   WHERE ${FREE}`,
);
const EXPIRE_OF_MESSAGES = statement(
  'files.expire-of-messages',
  `UPDATE files SET expires_at = $2 WHERE message_id = ANY($1) AND ${NOT_AN_IMAGE}`,
);
const EXPIRE_OF_UPLOADER = statement(
  'files.expire-of-uploader',
  `UPDATE files SET expires_at = $3 WHERE room_id = $1 AND uploader_id = $2 AND ${NOT_AN_IMAGE}
     AND (expires_at IS NULL OR expires_at > $3)`,
);
const KEEP_OF_MESSAGE = statement(
  'files.keep-of-message',
  `UPDATE files SET expires_at = NULL WHERE message_id = $1 AND expires_at > $2`,
);
const RELEASE_OF_MESSAGES = statement(
  'files.release-of-messages',
  // Those that expire have done so for another reason, and stay that way.
  `UPDATE files SET expires_at = uploaded_at + $2
   WHERE message_id = ANY($1) AND expires_at IS NULL AND ${NOT_AN_IMAGE}`,
);
const KEEP_AS_IMAGE = statement(
  'files.keep-as-image',
  `UPDATE files SET expires_at = NULL WHERE id = $1 AND room_id = $2 AND (expires_at IS NULL OR expires_at > $3)
   RETURNING id`,
);
const EXPIRE = statement('files.expire', `UPDATE files SET expires_at = $2 WHERE id = $1`);

@Injectable()
export class FilesRepository {
  constructor(private readonly database: Database) {}

  /** The id under which a file is about to be stored: its bytes come before its row. */
  async nextId(): Promise<number> {
    return (await this.database.query<{ id: number }>(NEXT_ID))[0]!.id;
  }

  /** False when the room is gone. */
  async insert(file: FileRecord & FileFacts & { roomId: number; uploaderId: number }): Promise<boolean> {
    const { id, roomId, uploaderId, size, uploadedAt, expiresAt, filename, sha256, imageHash, mediaType } =
      file;
    const values = [
      id,
      roomId,
      uploaderId,
      size,
      uploadedAt,
      expiresAt,
      filename,
      sha256,
      imageHash,
      mediaType,
    ];
    return (await this.database.query(INSERT, values)).length > 0;
  }

  /** Undefined when it is not there, of another room, or expired at `now`. */
  async find(id: number, roomId: number, now: number): Promise<FileRecord | undefined> {
    return (await this.database.query<FileRecord>(FIND, [id, roomId, now]))[0];
  }

  /** Those of these that a message by the uploader in this room could take, by id. */
  async attachable(ids: readonly number[], of: Uploader, times: UploadTimes): Promise<AttachableFile[]> {
    return this.database.query(ATTACHABLE, [ids, ...freeValues(of, times)]);
  }

  /** Gives the uploader's own free and fresh uploads among `ids` to a message; others are passed over. */
  async attach(
    tx: Transaction,
    ids: readonly number[],
    to: Uploader & { messageId: number },
    times: UploadTimes & { expiresAt: number },
  ): Promise<void> {
    await tx.query(ATTACH, [ids, ...freeValues(to, times), to.messageId, times.expiresAt]);
  }

  async expireOfMessages(tx: Transaction, messageIds: readonly number[], now: number): Promise<void> {
    await tx.query(EXPIRE_OF_MESSAGES, [messageIds, now]);
  }

  /** All that somebody uploaded to a room, attached or not, except the room's image. */
  async expireOfUploader(tx: Transaction, roomId: number, uploaderId: number, now: number): Promise<void> {
    await tx.query(EXPIRE_OF_UPLOADER, [roomId, uploaderId, now]);
  }

  /** While a message is pinned, its files do not expire; those that have expired at `now` are not brought back. */
  async keepOfMessage(tx: Transaction, messageId: number, now: number): Promise<void> {
    await tx.query(KEEP_OF_MESSAGE, [messageId, now]);
  }

  /** After unpinning, files expire as long after their upload as any other. */
  async releaseOfMessages(
    tx: Transaction,
    messageIds: readonly number[],
    lifetimeSeconds: number,
  ): Promise<void> {
    await tx.query(RELEASE_OF_MESSAGES, [messageIds, lifetimeSeconds]);
  }

  /** Makes the file last for ever; false when this room has no such file. */
  async keepAsImage(tx: Transaction, id: number, roomId: number, now: number): Promise<boolean> {
    return (await tx.query(KEEP_AS_IMAGE, [id, roomId, now])).length > 0;
  }

  async expire(tx: Transaction, id: number, now: number): Promise<void> {
    await tx.query(EXPIRE, [id, now]);
  }
}

interface Uploader {
  roomId: number;
  uploaderId: number;
}

/** Unix seconds. */
interface UploadTimes {
  now: number;
  uploadedAfter: number;
}

const freeValues = ({ roomId, uploaderId }: Uploader, { now, uploadedAfter }: UploadTimes): number[] => [
  roomId,
  uploaderId,
  now,
  uploadedAfter,
];
