import { Injectable } from '@nestjs/common';
import { statement, type Transaction } from './database.js';

/** A message that may belong to a wave; the row is locked. */
export interface WaveCandidate {
  id: number;
  authorId: number;
  data: Buffer;
}

/** Which messages of a room are looked at. */
export interface WaveSpan {
  roomId: number;
  /** Unix seconds: not posted before. */
  since: number;
  /** Undefined: of everybody. */
  authorId: number | undefined;
}

const CANDIDATES = statement(
  'waves.candidates',
  // Moderators quote what they talk about; and what is pinned somebody wants to stay.
  `SELECT m.id, m.author_id AS "authorId", m.data FROM messages AS m JOIN users AS author ON author.id = m.author_id
   WHERE m.room_id = $1 AND m.posted_at >= $2 AND m.data IS NOT NULL AND m.id > $4
     AND ($3::bigint IS NULL OR m.author_id = $3) AND NOT author.moderator
     AND NOT EXISTS (SELECT FROM permission_overrides AS role
       WHERE role.room_id = m.room_id AND role.user_id = m.author_id AND role.moderator)
     AND NOT EXISTS (SELECT FROM pins WHERE pins.message_id = m.id)
   ORDER BY m.id LIMIT $5 FOR NO KEY UPDATE OF m`,
);
const WITH_FILES = statement(
  'waves.with-files',
  `SELECT DISTINCT message_id AS id FROM files WHERE message_id = ANY($1) AND sha256 = ANY($2)`,
);

/** Messages of spam waves: what automod deletes after it has seen enough. */
@Injectable()
export class WavesRepository {
  /** By id, above `afterId`. */
  async candidates(
    tx: Transaction,
    { roomId, since, authorId }: WaveSpan,
    afterId: number,
    limit: number,
  ): Promise<WaveCandidate[]> {
    return tx.query(CANDIDATES, [roomId, since, authorId ?? null, afterId, limit]);
  }

  /** Those of these messages that have one of these files (SHA-256, 32 bytes each). */
  async withFiles(
    tx: Transaction,
    messageIds: readonly number[],
    sha256s: readonly Buffer[],
  ): Promise<Set<number>> {
    const rows = await tx.query<{ id: number }>(WITH_FILES, [messageIds, sha256s]);
    return new Set(rows.map(({ id }) => id));
  }
}
