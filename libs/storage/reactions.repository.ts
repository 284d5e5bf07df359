import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement, type Transaction } from './database.js';

export interface ReactionSummary {
  messageId: number;
  emoji: string;
  count: number;
  /** The first to react, oldest first. */
  reactors: SessionId[];
  you: boolean;
}

export interface Reactor {
  sessionId: SessionId;
  /** Unix seconds. */
  reactedAt: number;
}

/** How varied the reactions of a message are; bounds apply to both. */
export interface ReactionVariety {
  ofMessage: number;
  ofUser: number;
  /** Whether this emoji is on the message already, and whether from this user. */
  known: boolean;
  given: boolean;
}

const SUMMARIES = statement(
  'reactions.summaries',
  `SELECT reactions.message_id AS "messageId", reactions.emoji, given.count, given.you,
     coalesce(first.reactors, '{}') AS reactors
   FROM reactions
   JOIN LATERAL (SELECT count(*) AS count, coalesce(bool_or(user_id = $2), false) AS you
     FROM reactors WHERE reaction_id = reactions.id) AS given ON true
   LEFT JOIN LATERAL (SELECT array_agg(session_id ORDER BY reacted_at, id) AS reactors FROM (
     SELECT users.session_id, reactors.reacted_at, reactors.id FROM reactors JOIN users ON users.id = reactors.user_id
     WHERE reaction_id = reactions.id ORDER BY reactors.reacted_at, reactors.id LIMIT $3) AS earliest) AS first ON true
   WHERE reactions.message_id = ANY($1)
   ORDER BY reactions.message_id, reactions.id`,
);
const REACTORS = statement(
  'reactions.reactors',
  `SELECT users.session_id AS "sessionId", reactors.reacted_at AS "reactedAt"
   FROM reactions JOIN reactors ON reactors.reaction_id = reactions.id JOIN users ON users.id = reactors.user_id
   WHERE reactions.message_id = $1 AND reactions.emoji = $2
   ORDER BY reactors.reacted_at, reactors.id LIMIT $3`,
);
const VARIETY = statement(
  'reactions.variety',
  `SELECT count(*) AS "ofMessage", count(mine.id) AS "ofUser", coalesce(bool_or(emoji = $3), false) AS known,
     coalesce(bool_or(emoji = $3 AND mine.id IS NOT NULL), false) AS given
   FROM reactions LEFT JOIN reactors AS mine ON mine.reaction_id = reactions.id AND mine.user_id = $2
   WHERE message_id = $1`,
);
const ADD = statement(
  'reactions.add',
  `WITH wanted AS (
     INSERT INTO reactions (message_id, emoji) VALUES ($1, $2) ON CONFLICT (message_id, emoji) DO NOTHING RETURNING id),
   reaction AS (
     SELECT id FROM wanted UNION ALL SELECT id FROM reactions WHERE message_id = $1 AND emoji = $2)
   INSERT INTO reactors (reaction_id, user_id, reacted_at) SELECT id, $3, $4 FROM reaction LIMIT 1
   ON CONFLICT (reaction_id, user_id) DO NOTHING RETURNING id`,
);
const REMOVE = statement(
  'reactions.remove',
  `DELETE FROM reactors USING reactions
   WHERE reactions.id = reactors.reaction_id AND reactions.message_id = $1 AND reactions.emoji = $2
     AND reactors.user_id = $3
   RETURNING reactors.id`,
);
const REMOVE_EMPTY = statement(
  'reactions.remove-empty',
  `DELETE FROM reactions WHERE message_id = $1 AND emoji = $2
   AND NOT EXISTS (SELECT FROM reactors WHERE reaction_id = reactions.id)`,
);
const CLEAR = statement(
  'reactions.clear',
  // The cascade removes the reactors; this statement still sees and counts them.
  `WITH gone AS (DELETE FROM reactions WHERE message_id = $1 AND ($2::text IS NULL OR emoji = $2) RETURNING id)
   SELECT count(*) AS count FROM reactors WHERE reaction_id IN (SELECT id FROM gone)`,
);

@Injectable()
export class ReactionsRepository {
  constructor(private readonly database: Database) {}

  /** By message, and within a message in order of first appearance. */
  async summaries(
    messageIds: readonly number[],
    viewerId: number | undefined,
    reactorsMax: number,
  ): Promise<ReactionSummary[]> {
    if (messageIds.length === 0) return [];
    return this.database.query(SUMMARIES, [messageIds, viewerId ?? null, reactorsMax]);
  }

  /** Who reacted with one emoji, oldest first; `limit` undefined for all. */
  async reactors(messageId: number, emoji: string, limit: number | undefined): Promise<Reactor[]> {
    return this.database.query(REACTORS, [messageId, emoji, limit ?? null]);
  }

  /** The message must be locked, so that the answer stays true until the end of the transaction. */
  async variety(tx: Transaction, messageId: number, emoji: string, userId: number): Promise<ReactionVariety> {
    return (await tx.query<ReactionVariety>(VARIETY, [messageId, userId, emoji]))[0]!;
  }

  /** False when this user had reacted so already. The message must be locked. */
  async add(
    tx: Transaction,
    messageId: number,
    { emoji, userId, reactedAt }: { emoji: string; userId: number; reactedAt: number },
  ): Promise<boolean> {
    return (await tx.query(ADD, [messageId, emoji, userId, reactedAt])).length > 0;
  }

  /** False when there was none. The message must be locked. */
  async remove(tx: Transaction, messageId: number, emoji: string, userId: number): Promise<boolean> {
    const removed = await tx.query(REMOVE, [messageId, emoji, userId]);
    if (removed.length > 0) await tx.query(REMOVE_EMPTY, [messageId, emoji]);
    return removed.length > 0;
  }

  /** Everybody's, with one emoji or (undefined) with any; returns how many single ones. The message must be locked. */
  async clear(tx: Transaction, messageId: number, emoji: string | undefined): Promise<number> {
    return (await tx.query<{ count: number }>(CLEAR, [messageId, emoji ?? null]))[0]!.count;
  }
}
