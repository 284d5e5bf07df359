import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Queries, type Transaction } from './database.js';
import { completePage } from './since-page.js';

export interface MessageRecord {
  id: number;
  sessionId: SessionId;
  postedAt: number;
  editedAt: number | null;
  seqno: number;
  seqnoData: number;
  seqnoReactions: number;
  /** Null once deleted, and then `dataSize` and `signature` too. */
  data: Buffer | null;
  dataSize: number | null;
  signature: Buffer | null;
  whisperTo: SessionId | null;
  whisperMods: boolean;
  whisper: boolean;
}

/** Who is reading: decides which whispers are seen (protocol.md §4). */
export interface Viewer {
  userId: number | undefined;
  moderator: boolean;
}

export interface NewMessage {
  roomId: number;
  authorId: number;
  postedAt: number;
  data: Buffer;
  dataSize: number;
  signature: Buffer;
  whisperToId: number | null;
  whisperMods: boolean;
  /** Taken by a silent filter: never delivered. */
  filtered: boolean;
}

/** A message of which somebody wants to change something; the row is locked. */
export interface LockedMessage {
  id: number;
  authorId: number;
  data: Buffer;
}

export const MESSAGE_COLUMNS = `m.id, author.session_id AS "sessionId", m.posted_at AS "postedAt", m.edited_at AS "editedAt", m.seqno,
  m.seqno_data AS "seqnoData", m.seqno_reactions AS "seqnoReactions", m.data, m.data_size AS "dataSize", m.signature,
  target.session_id AS "whisperTo", m.whisper_mods AS "whisperMods",
  (m.whisper_to_id IS NOT NULL OR m.whisper_mods) AS whisper`;
export const MESSAGE_TABLES = `messages AS m JOIN users AS author ON author.id = m.author_id
  LEFT JOIN users AS target ON target.id = m.whisper_to_id`;
/** $2: the viewer's id or null; $3: whether the viewer moderates the room. */
const VISIBLE = `NOT m.filtered AND ((m.whisper_to_id IS NULL AND NOT m.whisper_mods) OR m.whisper_to_id = $2
  OR ($3 AND (m.whisper_mods OR m.author_id = $2)))`;
const LIVE = `m.room_id = $1 AND m.data IS NOT NULL AND ${VISIBLE}`;

const INSERT = statement(
  'messages.insert',
  // The number is taken under the room's row lock, and the id with it, so both become visible in order.
  `WITH room AS (
     UPDATE rooms SET message_sequence = message_sequence + 1 WHERE id = $1 RETURNING message_sequence)
   INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature,
     whisper_to_id, whisper_mods, filtered)
   SELECT $1, $2, $3, message_sequence, message_sequence, $4, $5, $6, $7, $8, $9 FROM room
   RETURNING id, seqno`,
);
const RECENT = statement(
  'messages.recent',
  `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES} WHERE ${LIVE} ORDER BY m.id DESC LIMIT $4`,
);
const BEFORE = statement(
  'messages.before',
  `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES} WHERE ${LIVE} AND m.id < $5 ORDER BY m.id DESC LIMIT $4`,
);
const ONE = statement(
  'messages.one',
  `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES} WHERE ${LIVE} AND m.id = $4`,
);
const SINCE = statement(
  'messages.since',
  `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
   WHERE m.room_id = $1 AND m.seqno > $5 AND (m.seqno_data > $5 OR $6)
     AND (m.data IS NOT NULL OR m.seqno_creation <= $5) AND ${VISIBLE}
   ORDER BY m.seqno LIMIT $4`,
);
const REACTED_LATER = statement(
  'messages.reacted-later',
  // "seqno_reactions > seqno_data" follows from the rest; it is what the partial index asks for.
  `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
   WHERE ${LIVE} AND m.seqno_reactions > m.seqno_data AND m.seqno_data > $5 AND m.seqno_data <= $6 AND m.seqno > $6
   ORDER BY m.seqno_data LIMIT $4`,
);
const LOCK = statement(
  'messages.lock',
  `SELECT id, author_id AS "authorId", data FROM messages
   WHERE room_id = $1 AND id = $2 AND data IS NOT NULL FOR NO KEY UPDATE`,
);
const REPLACE_SIGNATURE = statement(
  'messages.replace-signature',
  // It takes no number, so that readers are not told again; what is kept in memory is found out of date by this count.
  `WITH message AS (UPDATE messages SET data_size = $2, signature = $3 WHERE id = $1 RETURNING room_id)
   UPDATE rooms SET message_rewrites = message_rewrites + 1 FROM message WHERE rooms.id = message.room_id
   RETURNING rooms.id AS "roomId"`,
);
const EDIT = statement(
  'messages.edit',
  `WITH replaced AS (
     INSERT INTO message_revisions (message_id, replaced_at, data, data_size, signature)
     SELECT id, $3, data, data_size, signature FROM messages WHERE id = $2),
   room AS (
     UPDATE rooms SET message_sequence = message_sequence + 1 WHERE id = $1 RETURNING message_sequence)
   UPDATE messages SET data = $4, data_size = $5, signature = $6, edited_at = $3, seqno_data = room.message_sequence
   FROM room WHERE messages.id = $2 RETURNING messages.seqno`,
);
const REGULAR = `SELECT id, seqno FROM messages WHERE room_id = $1 AND id = $2 AND data IS NOT NULL AND NOT filtered
  AND whisper_to_id IS NULL AND NOT whisper_mods`;
const IS_REGULAR = statement('messages.is-regular', REGULAR);
const LOCK_REGULAR = statement('messages.lock-regular', `${REGULAR} FOR NO KEY UPDATE`);
const COUNT_REACTION_CHANGES = statement(
  'messages.count-reaction-changes',
  `WITH room AS (
     UPDATE rooms SET message_sequence = message_sequence + $3 WHERE id = $1 RETURNING message_sequence)
   UPDATE messages SET seqno_reactions = room.message_sequence FROM room WHERE messages.id = $2
   RETURNING messages.seqno`,
);
@Injectable()
export class MessagesRepository {
  constructor(private readonly database: Database) {}

  /** Undefined when the room is gone. */
  async insert(
    message: NewMessage,
    queries: Queries = this.database,
  ): Promise<{ id: number; seqno: number } | undefined> {
    const rows = await queries.query<{ id: number; seqno: number }>(INSERT, [
      message.roomId,
      message.authorId,
      message.postedAt,
      message.data,
      message.dataSize,
      message.signature,
      message.whisperToId,
      message.whisperMods,
      message.filtered,
    ]);
    if (rows[0]) await queries.changed({ kind: 'messages', roomId: message.roomId, sequence: rows[0].seqno });
    return rows[0];
  }

  /** Newest first. */
  async recent(roomId: number, viewer: Viewer, limit: number): Promise<MessageRecord[]> {
    return this.database.query(RECENT, [roomId, viewer.userId ?? null, viewer.moderator, limit]);
  }

  /** Newest first, with ids below `beforeId`. */
  async before(roomId: number, viewer: Viewer, limit: number, beforeId: number): Promise<MessageRecord[]> {
    return this.database.query(BEFORE, [roomId, viewer.userId ?? null, viewer.moderator, limit, beforeId]);
  }

  async one(roomId: number, viewer: Viewer, id: number): Promise<MessageRecord | undefined> {
    return (
      await this.database.query<MessageRecord>(ONE, [roomId, viewer.userId ?? null, viewer.moderator, id])
    )[0];
  }

  /**
   * Changes after `seqno`, ascending; tombstones only of messages that existed then. With `reactionChanges` also
   * messages of which nothing but reactions changed. In a full page a record's `seqno` may be that of its data only.
   */
  async since(
    roomId: number,
    viewer: Viewer,
    limit: number,
    { seqno, reactionChanges }: { seqno: number; reactionChanges: boolean },
  ): Promise<MessageRecord[]> {
    const values = [roomId, viewer.userId ?? null, viewer.moderator, limit, seqno];
    const page = await this.database.query<MessageRecord>(SINCE, [...values, reactionChanges]);
    if (page.length < limit) return page;
    const reactedLater = await this.database.query<MessageRecord>(REACTED_LATER, [
      ...values,
      page.at(-1)!.seqno,
    ]);
    return completePage(page, reactedLater, seqno);
  }

  /** Undefined when it does not exist in this room or is deleted. */
  async lock(tx: Transaction, roomId: number, id: number): Promise<LockedMessage | undefined> {
    return (await tx.query<LockedMessage>(LOCK, [roomId, id]))[0];
  }

  /** For an edit that changes nothing but padding or signature. */
  async replaceSignature(
    tx: Transaction,
    id: number,
    edit: { dataSize: number; signature: Buffer },
  ): Promise<void> {
    const values = [id, edit.dataSize, edit.signature];
    const rows = await tx.query<{ roomId: number }>(REPLACE_SIGNATURE, values);
    for (const { roomId } of rows) tx.changed({ kind: 'room', roomId });
  }

  /** Puts new data in place of the old, which goes into the edit history. */
  async edit(
    tx: Transaction,
    message: { roomId: number; id: number },
    edit: { data: Buffer; dataSize: number; signature: Buffer; editedAt: number },
  ): Promise<void> {
    const { data, dataSize, signature, editedAt } = edit;
    const { roomId, id } = message;
    const rows = await tx.query<{ seqno: number }>(EDIT, [roomId, id, editedAt, data, dataSize, signature]);
    for (const { seqno } of rows) tx.changed({ kind: 'messages', roomId, sequence: seqno });
  }

  /** Whether it can be reacted to and pinned. */
  async isRegular(roomId: number, id: number): Promise<boolean> {
    return (await this.database.query(IS_REGULAR, [roomId, id])).length > 0;
  }

  /** A message that can be reacted to and pinned: not deleted, filtered or a whisper. Undefined otherwise. */
  async lockRegular(
    tx: Transaction,
    roomId: number,
    id: number,
  ): Promise<{ id: number; seqno: number } | undefined> {
    return (await tx.query<{ id: number; seqno: number }>(LOCK_REGULAR, [roomId, id]))[0];
  }

  /** Takes `changes` numbers for reactions of a locked message; returns its new `seqno`. */
  async countReactionChanges(
    tx: Transaction,
    message: { roomId: number; id: number },
    changes: number,
  ): Promise<number> {
    const { roomId, id } = message;
    const rows = await tx.query<{ seqno: number }>(COUNT_REACTION_CHANGES, [roomId, id, changes]);
    const { seqno } = rows[0]!;
    tx.changed({ kind: 'messages', roomId, sequence: seqno });
    return seqno;
  }
}
