import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { Database, statement } from './database.js';

export interface ReactionSummary {
  messageId: number;
  emoji: string;
  count: number;
  /** The first to react, oldest first. */
  reactors: SessionId[];
  you: boolean;
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
}
