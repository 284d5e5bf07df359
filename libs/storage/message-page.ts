import { MESSAGES_PAGE_BYTES_MAX } from '../protocol/limits.js';

export const MESSAGE_COLUMNS = `m.id, author.session_id AS "sessionId", m.posted_at AS "postedAt", m.edited_at AS "editedAt", m.seqno,
  m.seqno_data AS "seqnoData", m.seqno_reactions AS "seqnoReactions", m.data, m.data_size AS "dataSize", m.signature,
  target.session_id AS "whisperTo", m.whisper_mods AS "whisperMods",
  (m.whisper_to_id IS NOT NULL OR m.whisper_mods) AS whisper`;
export const MESSAGE_TABLES = `messages AS m JOIN users AS author ON author.id = m.author_id
  LEFT JOIN users AS target ON target.id = m.whisper_to_id`;

/**
 * Messages in some order, as many as `limit` and {@link MESSAGES_PAGE_BYTES_MAX} allow. What it leaves out is not read:
 * the sizes stand in the rows, their data elsewhere.
 */
export function pageOf(page: { columns?: string; where: string; order: string; limit: string }): string {
  const { columns = MESSAGE_COLUMNS, where, order, limit } = page;
  return `SELECT * FROM (
     SELECT ${columns}, sum(coalesce(m.data_size, 0)) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING)
       - coalesce(m.data_size, 0) AS "bytesBefore"
     FROM ${MESSAGE_TABLES} WHERE ${where} ORDER BY ${order} LIMIT ${limit}) AS page
   WHERE "bytesBefore" < ${MESSAGES_PAGE_BYTES_MAX}`;
}

/** Whether there may be more, for all that these take. */
export function isPageFull(messages: readonly { dataSize: number | null }[]): boolean {
  let bytes = 0;
  for (const { dataSize } of messages) bytes += dataSize ?? 0;
  return bytes >= MESSAGES_PAGE_BYTES_MAX;
}
