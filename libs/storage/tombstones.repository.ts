import { Injectable } from '@nestjs/common';
import { Database, statement, type Transaction } from './database.js';

const LOCK_OF_AUTHOR = statement(
  'tombstones.lock-of-author',
  `SELECT id FROM messages WHERE room_id = $1 AND author_id = $2 AND data IS NOT NULL ORDER BY id LIMIT $3
   FOR NO KEY UPDATE`,
);
const LOCK_LIVE = statement(
  'tombstones.lock-live',
  `SELECT id, author_id AS "authorId" FROM messages WHERE room_id = $1 AND id = ANY($2) AND data IS NOT NULL
   ORDER BY id FOR NO KEY UPDATE`,
);
const ROOMS_OF_AUTHOR = statement(
  'tombstones.rooms-of-author',
  `SELECT id FROM rooms WHERE ($2::bigint[] IS NULL OR id = ANY($2)) AND (
     EXISTS (SELECT FROM messages WHERE room_id = rooms.id AND author_id = $1 AND data IS NOT NULL)
     OR EXISTS (SELECT FROM files WHERE room_id = rooms.id AND uploader_id = $1 AND files.id <> coalesce(image_id, 0)
       AND (expires_at IS NULL OR expires_at > $3)))
   ORDER BY id`,
);
const COUNT_OF_AUTHOR = statement(
  'tombstones.count-of-author',
  `SELECT count(*) AS count FROM messages
   WHERE author_id = $1 AND data IS NOT NULL AND ($2::bigint[] IS NULL OR room_id = ANY($2))`,
);
const BURY = statement(
  'tombstones.bury',
  // Each tombstone takes one number, and one more for every single reaction that goes with it.
  `WITH dead AS (
     SELECT id, (SELECT count(*) FROM reactors JOIN reactions ON reactions.id = reactors.reaction_id
       WHERE reactions.message_id = messages.id) AS reactions
     FROM messages WHERE id = ANY($2)),
   numbered AS (SELECT id, reactions, sum(1 + reactions) OVER (ORDER BY id) AS upto FROM dead),
   unpinned AS (DELETE FROM pins WHERE message_id = ANY($2) RETURNING message_id),
   room AS (
     UPDATE rooms SET message_sequence = message_sequence + (SELECT sum(1 + reactions) FROM dead),
       info_updates = info_updates + (SELECT count(*) FROM unpinned)
     WHERE id = $1 RETURNING message_sequence - (SELECT sum(1 + reactions) FROM dead) AS base)
   UPDATE messages SET data = NULL, data_size = NULL, signature = NULL, edited_at = $3,
     seqno_data = room.base + numbered.upto - numbered.reactions,
     seqno_reactions = CASE WHEN numbered.reactions > 0 THEN room.base + numbered.upto ELSE seqno_reactions END
   FROM numbered, room WHERE messages.id = numbered.id RETURNING messages.seqno`,
);
const DROP_REACTIONS = statement(
  'tombstones.drop-reactions',
  `DELETE FROM reactions WHERE message_id = ANY($1)`,
);
const DROP_REVISIONS = statement(
  'tombstones.drop-revisions',
  `DELETE FROM message_revisions WHERE message_id = ANY($1)`,
);

/** Deleting messages: what is left of them is a tombstone. */
@Injectable()
export class TombstonesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Ids of everything that somebody posted in a room and that is not deleted, whispers and filtered ones too, at most
   * `limit` of them (all, if left out).
   */
  async lockOfAuthor(tx: Transaction, roomId: number, authorId: number, limit?: number): Promise<number[]> {
    const rows = await tx.query<{ id: number }>(LOCK_OF_AUTHOR, [roomId, authorId, limit ?? null]);
    return rows.map(({ id }) => id);
  }

  /** Those of these messages that are in the room and not deleted. */
  async lockLive(
    tx: Transaction,
    roomId: number,
    ids: readonly number[],
  ): Promise<{ id: number; authorId: number }[]> {
    return tx.query(LOCK_LIVE, [roomId, ids]);
  }

  /** How many messages of somebody there are in these rooms, or (null) in all. */
  async countOfAuthor(authorId: number, among: readonly number[] | null): Promise<number> {
    return (await this.database.query<{ count: number }>(COUNT_OF_AUTHOR, [authorId, among]))[0]!.count;
  }

  /** Ids of rooms, among these or (null) among all, with messages of somebody, or uploads that are there at `now`. */
  async roomsOfAuthor(authorId: number, among: readonly number[] | null, now: number): Promise<number[]> {
    const rows = await this.database.query<{ id: number }>(ROOMS_OF_AUTHOR, [authorId, among, now]);
    return rows.map(({ id }) => id);
  }

  /**
   * Turns locked messages of one room into tombstones (protocol.md §4.2): data, signature, history, reactions and
   * pins go at once. Their files are the caller's to expire.
   */
  async bury(tx: Transaction, roomId: number, ids: readonly number[], now: number): Promise<void> {
    if (ids.length === 0) return;
    const buried = await tx.query<{ seqno: number }>(BURY, [roomId, ids, now]);
    const sequence = buried.reduce((greatest, { seqno }) => Math.max(greatest, seqno), 0);
    tx.changed({ kind: 'messages', roomId, sequence });
    tx.changed({ kind: 'room', roomId }); // its pins
    await tx.query(DROP_REACTIONS, [ids]);
    await tx.query(DROP_REVISIONS, [ids]);
  }
}
