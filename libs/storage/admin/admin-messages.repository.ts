import { Injectable } from '@nestjs/common';
import type { SessionId } from '../../protocol/ids.js';
import { Database, statement, type Statement, type Transaction } from '../database.js';
import { heardBy, type Viewer } from '../messages.repository.js';

/** A message that is not deleted, as those see it who look after the room: filtered ones and their whispers too. */
export interface AdminMessageRecord {
  id: number;
  seqno: number;
  authorId: number;
  sessionId: SessionId;
  /** When the author was first here. */
  authorSince: number;
  postedAt: number;
  editedAt: number | null;
  /** Without its padding. */
  data: Buffer;
  /** With it. */
  dataSize: number;
  filtered: boolean;
  whisperTo: SessionId | null;
  whisperMods: boolean;
  pinned: boolean;
}

export interface MessageFile {
  id: number;
  messageId: number;
  size: number;
  filename: string | null;
  mediaType: string | null;
  /** What rules looked at when it came; null where none did. */
  sha256: Buffer | null;
  imageHash: Buffer | null;
}

export interface AdminMessageQuery {
  roomId: number;
  /** Whispers between others are not found (protocol.md §4). */
  viewer: Viewer;
  authorId?: number | undefined;
  /** Unix seconds: not before, and before. */
  from?: number | undefined;
  to?: number | undefined;
  /** Newest first below an id, or oldest first above one. */
  order: 'before' | 'after';
  id: number;
  limit: number;
}

const COLUMNS = `m.id, m.seqno, m.author_id AS "authorId", author.session_id AS "sessionId",
  author.created_at AS "authorSince", m.posted_at AS "postedAt", m.edited_at AS "editedAt",
  m.data, m.data_size AS "dataSize", m.filtered, target.session_id AS "whisperTo", m.whisper_mods AS "whisperMods",
  EXISTS (SELECT FROM pins WHERE pins.room_id = m.room_id AND pins.message_id = m.id) AS pinned`;
const TABLES = `messages AS m JOIN users AS author ON author.id = m.author_id
  LEFT JOIN users AS target ON target.id = m.whisper_to_id`;

/** One of its own for every form, so that each is planned for what it looks for. */
function pageStatement(order: 'before' | 'after', byAuthor: boolean): Statement {
  const author = byAuthor ? 'AND m.author_id = $6' : 'AND $6::int8 IS NULL';
  const [compare, direction] = order === 'before' ? ['<', 'DESC'] : ['>', 'ASC'];
  return statement(
    `admin-messages.${order}${byAuthor ? '-by-author' : ''}`,
    `SELECT ${COLUMNS} FROM ${TABLES} WHERE m.room_id = $1 AND m.data IS NOT NULL AND m.id ${compare} $2 ${author}
       AND ${heardBy('$7', '$8')} AND ($4::float8 IS NULL OR m.posted_at >= $4) AND ($5::float8 IS NULL OR m.posted_at < $5)
     ORDER BY m.id ${direction} LIMIT $3`,
  );
}
const PAGES = {
  before: { any: pageStatement('before', false), author: pageStatement('before', true) },
  after: { any: pageStatement('after', false), author: pageStatement('after', true) },
};
const ANY_OF_AUTHOR = statement(
  'admin-messages.any-of-author',
  `SELECT data FROM messages WHERE author_id = $1 AND data IS NOT NULL LIMIT 1`,
);
const FILES = statement(
  'admin-messages.files',
  `SELECT id, message_id AS "messageId", size, filename, media_type AS "mediaType",
     sha256, image_hash AS "imageHash" FROM files
   WHERE message_id = ANY($1) AND (expires_at IS NULL OR expires_at > $2) ORDER BY id`,
);

@Injectable()
export class AdminMessagesRepository {
  constructor(private readonly database: Database) {}

  async page(query: AdminMessageQuery): Promise<AdminMessageRecord[]> {
    const { roomId, viewer, authorId, from, to, order, id, limit } = query;
    const page = PAGES[order][authorId === undefined ? 'any' : 'author'];
    const place = [roomId, id, limit, from ?? null, to ?? null, authorId ?? null];
    return this.database.query(page, [...place, viewer.userId ?? null, viewer.moderator]);
  }

  /** Some message of an author, without its padding; undefined where there is none. */
  async anyOf(authorId: number, tx?: Transaction): Promise<Buffer | undefined> {
    return (await (tx ?? this.database).query<{ data: Buffer }>(ANY_OF_AUTHOR, [authorId]))[0]?.data;
  }

  /** Of these messages, what has not expired at `now`. */
  async files(messageIds: readonly number[], now: number): Promise<MessageFile[]> {
    return this.database.query(FILES, [messageIds, now]);
  }
}
