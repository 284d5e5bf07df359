import { Injectable } from '@nestjs/common';
import { FairLimit } from '../protocol/fair-limit.js';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Statement, type Transaction } from './database.js';
import { insertOne, MessageInserts, type InsertedMessage, type NewMessage } from './message-inserts.js';
import { isPageFull, MESSAGE_COLUMNS, MESSAGE_TABLES, pageOf } from './message-page.js';
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

/** A message of which somebody wants to change something; the row is locked. */
export interface LockedMessage {
  id: number;
  authorId: number;
  data: Buffer;
}

/** Who hears whispers. `viewer`: their id or null; `moderator`: whether they moderate the room. */
export const heardBy = (viewer: `$${number}`, moderator: `$${number}`): string =>
  `((m.whisper_to_id IS NULL AND NOT m.whisper_mods) OR m.whisper_to_id = ${viewer}
  OR (${moderator} AND (m.whisper_mods OR m.author_id = ${viewer})))`;
/** $2: the viewer's id or null; $3: whether the viewer moderates the room. */
const VISIBLE = `NOT m.filtered AND ${heardBy('$2', '$3')}`;
const LIVE = `m.room_id = $1 AND m.data IS NOT NULL AND ${VISIBLE}`;

const RECENT = statement('messages.recent', pageOf({ where: LIVE, order: 'm.id DESC', limit: '$4' }));
const BEFORE = statement(
  'messages.before',
  pageOf({ where: `${LIVE} AND m.id < $5`, order: 'm.id DESC', limit: '$4' }),
);
const ONE = statement(
  'messages.one',
  `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES} WHERE ${LIVE} AND m.id = $4`,
);
const SINCE = statement(
  'messages.since',
  pageOf({
    where: `m.room_id = $1 AND m.seqno > $5 AND (m.seqno_data > $5 OR $6)
     AND (m.data IS NOT NULL OR m.seqno_creation <= $5) AND ${VISIBLE}`,
    order: 'm.seqno',
    limit: '$4',
  }),
);
const REACTED_LATER = statement(
  'messages.reacted-later',
  // "seqno_reactions > seqno_data" follows from the rest; it is what the partial index asks for.
  pageOf({
    where: `${LIVE} AND m.seqno_reactions > m.seqno_data AND m.seqno_data > $5 AND m.seqno_data <= $6 AND m.seqno > $6`,
    order: 'm.seqno_data',
    limit: '$4',
  }),
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
const READDRESS_WHISPERS = statement(
  'messages.readdress-whispers',
  // Whoever they are for has read nothing yet, so they take no number either.
  `WITH readdressed AS (UPDATE messages SET whisper_to_id = $2 WHERE whisper_to_id = $1 RETURNING room_id)
   UPDATE rooms SET message_rewrites = message_rewrites + 1
   FROM (SELECT id FROM rooms WHERE id IN (SELECT room_id FROM readdressed) ORDER BY id FOR NO KEY UPDATE) AS locked
   WHERE rooms.id = locked.id RETURNING rooms.id AS "roomId"`,
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
const TRIM_REVISIONS = statement(
  'messages.trim-revisions',
  `DELETE FROM message_revisions WHERE message_id = $1 AND id <= (
     SELECT id FROM message_revisions WHERE message_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)`,
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
/** Of the connections. */
const PAGES_SHARE = 0.25;

@Injectable()
export class MessagesRepository {
  private readonly inserts: MessageInserts;
  /** Pages take their time, and must not take every connection from those who write. By who reads; null: anonymous. */
  private readonly pages: FairLimit<number | null>;

  constructor(private readonly database: Database) {
    this.inserts = new MessageInserts(database);
    this.pages = new FairLimit(Math.max(1, Math.floor(database.poolSize * PAGES_SHARE)));
  }

  /** Undefined when the room is gone. */
  insert(message: NewMessage, tx?: Transaction): Promise<InsertedMessage | undefined> {
    return tx ? insertOne(tx, message) : this.inserts.insert(message);
  }

  /** Newest first. */
  async recent(roomId: number, viewer: Viewer, limit: number): Promise<MessageRecord[]> {
    return this.page(RECENT, roomId, viewer, [limit]);
  }

  /** Newest first, with ids below `beforeId`. */
  async before(roomId: number, viewer: Viewer, limit: number, beforeId: number): Promise<MessageRecord[]> {
    return this.page(BEFORE, roomId, viewer, [limit, beforeId]);
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
    const page = await this.page(SINCE, roomId, viewer, [limit, seqno, reactionChanges]);
    if (page.length < limit && !isPageFull(page)) return page;
    const reactedLater = await this.page(REACTED_LATER, roomId, viewer, [limit, seqno, page.at(-1)!.seqno]);
    return completePage(page, reactedLater, { since: seqno, isCut: isPageFull(reactedLater) });
  }

  private page(
    statement: Statement,
    roomId: number,
    viewer: Viewer,
    values: readonly unknown[],
  ): Promise<MessageRecord[]> {
    const reader = viewer.userId ?? null;
    const all = [roomId, reader, viewer.moderator, ...values];
    return this.pages.run(reader, () => this.database.query<MessageRecord>(statement, all));
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

  /** Whispers to one user become whispers to another, who was named under a different id. */
  async readdressWhispers(tx: Transaction, fromUserId: number, toUserId: number): Promise<void> {
    const rows = await tx.query<{ roomId: number }>(READDRESS_WHISPERS, [fromUserId, toUserId]);
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

  /** Of a locked message, the latest so many former versions stay. */
  async trimRevisions(tx: Transaction, id: number, revisionsMax: number): Promise<void> {
    await tx.query(TRIM_REVISIONS, [id, revisionsMax]);
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
