import { Injectable } from '@nestjs/common';
import type { SessionId } from '../protocol/ids.js';
import { REACTORS_MAX } from '../protocol/limits.js';
import { Database, statement } from './database.js';
import { MESSAGE_COLUMNS, pageOf } from './message-page.js';
import type { MessageRecord } from './messages.repository.js';

/** A message with what decides who may see it. */
export interface WindowMessage extends MessageRecord {
  authorId: number;
  whisperToId: number | null;
  seqnoCreation: number;
  filtered: boolean;
}

/** Everybody's reactions to a message with one emoji. */
export interface WindowReaction {
  messageId: number;
  emoji: string;
  count: number;
  /** The first to react, oldest first, at most {@link REACTORS_MAX}. */
  reactors: SessionId[];
  /** Ids of those who reacted; undefined when there are more than were asked for. */
  userIds: number[] | undefined;
}

const COLUMNS = `${MESSAGE_COLUMNS}, m.author_id AS "authorId", m.whisper_to_id AS "whisperToId",
  m.seqno_creation AS "seqnoCreation", m.filtered`;
const CHANGES = statement(
  'message-windows.changes',
  pageOf({ columns: COLUMNS, where: 'm.room_id = $1 AND m.seqno > $2', order: 'm.seqno', limit: '$3' }),
);
const RECENT = statement(
  'message-windows.recent',
  pageOf({
    columns: COLUMNS,
    where: 'm.room_id = $1 AND m.data IS NOT NULL AND NOT m.filtered',
    order: 'm.id DESC',
    limit: '$2',
  }),
);
const REACTIONS = statement(
  'message-windows.reactions',
  `SELECT reactions.message_id AS "messageId", reactions.emoji, given.count, given.user_ids AS "userIds",
     given.reactors
   FROM reactions
   JOIN LATERAL (
     SELECT count(*) AS count, string_agg(user_id::text, ',') FILTER (WHERE place <= $2) AS user_ids,
       coalesce(array_agg(session_id ORDER BY place) FILTER (WHERE place <= ${REACTORS_MAX}), '{}') AS reactors
     FROM (SELECT reactors.user_id, users.session_id, row_number() OVER (ORDER BY reactors.reacted_at, reactors.id) AS place
       FROM reactors JOIN users ON users.id = reactors.user_id WHERE reaction_id = reactions.id) AS placed) AS given ON true
   WHERE reactions.message_id = ANY($1)
   ORDER BY reactions.message_id, reactions.id`,
);

/** Messages as processes keep them in memory: as all readers see them, and some see not. */
@Injectable()
export class MessageWindowsRepository {
  constructor(private readonly database: Database) {}

  /** All changes after a sequence number, in their order, also those that nobody is shown. */
  async changes(roomId: number, after: number, limit: number): Promise<WindowMessage[]> {
    return this.database.query(CHANGES, [roomId, after, limit]);
  }

  /** What is not deleted or filtered, newest first. */
  async recent(roomId: number, limit: number): Promise<WindowMessage[]> {
    return this.database.query(RECENT, [roomId, limit]);
  }

  /** By message, and within a message in order of first appearance; ids of up to `usersMax` users each. */
  async reactions(messageIds: readonly number[], usersMax: number): Promise<WindowReaction[]> {
    if (messageIds.length === 0) return [];
    const rows = await this.database.query<Omit<WindowReaction, 'userIds'> & { userIds: string | null }>(
      REACTIONS,
      [messageIds, usersMax],
    );
    return rows.map(({ userIds, ...row }) => ({
      ...row,
      userIds: row.count > usersMax ? undefined : (userIds?.split(',').map(Number) ?? []),
    }));
  }
}
