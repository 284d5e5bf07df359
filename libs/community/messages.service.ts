import { Injectable } from '@nestjs/common';
import { notFound } from '../protocol/errors.js';
import type { MessageObject, ReactionUpdateObject } from '../protocol/schemas/message.schema.js';
import { MessagesRepository, type MessageRecord, type Viewer } from '../storage/messages.repository.js';
import { ReactionsRepository } from '../storage/reactions.repository.js';
import { groupBy } from './group-by.js';
import { MessageWindows } from './read-models/message-windows.js';
import { READS } from './read-models/read-tally.js';
import { RoomModels } from './read-models/room-models.js';
import { messageObject, reactionsObject, reactionUpdateObject, type Reactions } from './message-object.js';
import type { RoomAccess } from './room-access.js';
import { StatisticsRecorder } from './statistics/statistics-recorder.js';

/** How much of the history one answer carries (protocol.md §4.1). */
export interface Page {
  /** Messages at most. */
  limit: number;
  /** Names per reaction at most; 0 leaves the list out. */
  reactors: number;
}

/** Where a reader is. With `reactionChanges`, messages whose reactions alone changed count too. */
export interface After {
  seqno: number;
  reactionChanges: boolean;
}

const EMPTY_LIST = Buffer.from('[]');
const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Reading messages (protocol.md §4.1). Callers have checked room access. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly reactions: ReactionsRepository,
    private readonly windows: MessageWindows,
    private readonly rooms: RoomModels,
    private readonly statistics: StatisticsRecorder,
  ) {}

  /** What {@link recent} answers, as JSON, from memory where that can tell. */
  async recentJson(access: RoomAccess, page: Page): Promise<Buffer> {
    const known = await this.windows.recent(access.room, viewerOf(access), page);
    READS.add('messages', known ? 'hit' : 'miss');
    return known ?? jsonOf(await this.recent(access, page));
  }

  /** What {@link since} answers, likewise. */
  async sinceJson(access: RoomAccess, page: Page, after: After): Promise<Buffer> {
    if (after.seqno >= access.room.messageSequence) {
      this.statistics.polled(access.room.id);
      READS.add('messages', 'hit');
      return EMPTY_LIST;
    }
    const known = await this.windows.since(access.room, viewerOf(access), page, after);
    READS.add('messages', known ? 'hit' : 'miss');
    if (known) return known;
    const changes = await this.since(access, page, after);
    // Whoever was shown it must not be told of an earlier state by what is in memory.
    this.rooms.reached(access.room.id, changes.at(-1)?.seqno ?? 0);
    return jsonOf(changes);
  }

  /** What {@link before} answers, as JSON. */
  async beforeJson(access: RoomAccess, page: Page, beforeId: number): Promise<Buffer> {
    return jsonOf(await this.before(access, page, beforeId));
  }

  /** Newest first, without deleted ones. */
  async recent(access: RoomAccess, page: Page): Promise<MessageObject[]> {
    return this.objects(
      access,
      page,
      await this.messages.recent(access.room.id, viewerOf(access), page.limit),
    );
  }

  /** Older than `beforeId`, newest first, without deleted ones. */
  async before(access: RoomAccess, page: Page, beforeId: number): Promise<MessageObject[]> {
    const records = await this.messages.before(access.room.id, viewerOf(access), page.limit, beforeId);
    return this.objects(access, page, records);
  }

  /** Throws 404 when it is not there, deleted, or not for this reader's eyes. */
  async one(access: RoomAccess, page: Page, id: number): Promise<MessageObject> {
    const record = await this.messages.one(access.room.id, viewerOf(access), id);
    if (!record) throw notFound();
    return (await this.objects(access, page, [record]))[0]!;
  }

  /** Changes after `seqno`, ascending. With `reactionChanges`, messages whose reactions alone changed come as updates. */
  async since(
    access: RoomAccess,
    page: Page,
    after: After,
  ): Promise<(MessageObject | ReactionUpdateObject)[]> {
    const records = await this.messages.since(access.room.id, viewerOf(access), page.limit, after);
    const reactions = await this.reactionsOf(access, page, records);
    return records.map((record) => {
      const given = reactions(record);
      const reactionsOnly = record.seqnoData <= after.seqno && record.data !== null;
      return reactionsOnly ? reactionUpdateObject(record, given) : messageObject(record, given);
    });
  }

  private async objects(
    access: RoomAccess,
    page: Page,
    records: readonly MessageRecord[],
  ): Promise<MessageObject[]> {
    const reactions = await this.reactionsOf(access, page, records);
    return records.map((record) => messageObject(record, reactions(record)));
  }

  /** Looks up reactions of the messages that ever had one, in one statement. */
  private async reactionsOf(
    access: RoomAccess,
    page: Page,
    records: readonly MessageRecord[],
  ): Promise<(record: MessageRecord) => Reactions> {
    const ids = records
      .filter(({ seqnoReactions, data }) => seqnoReactions > 0 && data !== null)
      .map(({ id }) => id);
    const summaries = await this.reactions.summaries(ids, access.userId, page.reactors);
    const byMessage = groupBy(summaries, ({ messageId }) => messageId);
    return ({ id }) => reactionsObject(byMessage.get(id) ?? [], page.reactors);
  }
}

const viewerOf = ({ userId, moderator }: RoomAccess): Viewer => ({ userId, moderator });
