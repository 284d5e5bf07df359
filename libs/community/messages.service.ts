import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { MessageSignatures } from '../auth/message-signatures.js';
import { Config } from '../config/config.js';
import { PostRateLimiter } from '../coordination/post-rate-limiter.js';
import { Clock } from '../protocol/clock.js';
import { badRequest, forbidden, notFound, rateLimited } from '../protocol/errors.js';
import { removePadding } from '../protocol/padding.js';
import type {
  MessageEdit,
  MessageObject,
  NewMessage,
  ReactionUpdateObject,
} from '../protocol/schemas/message.schema.js';
import { Database, type Transaction } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import {
  MessagesRepository,
  type MessageRecord,
  type NewMessage as NewMessageRecord,
  type Viewer,
} from '../storage/messages.repository.js';
import { ReactionsRepository } from '../storage/reactions.repository.js';
import type { UserRecord } from '../storage/users.repository.js';
import { groupBy } from './group-by.js';
import { messageObject, reactionsObject, reactionUpdateObject, type Reactions } from './message-object.js';
import { PeopleService } from './people.service.js';
import type { RoomAccess } from './room-access.js';

/** How much of the history one answer carries (protocol.md §4.1). */
export interface Page {
  /** Messages at most. */
  limit: number;
  /** Names per reaction at most; 0 leaves the list out. */
  reactors: number;
}

/** Messages: reading, posting, editing (protocol.md §4.1, §4.2). Callers have checked room access. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly database: Database,
    private readonly messages: MessagesRepository,
    private readonly reactions: ReactionsRepository,
    private readonly files: FilesRepository,
    private readonly people: PeopleService,
    private readonly signatures: MessageSignatures,
    private readonly rateLimiter: PostRateLimiter,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

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
    after: { seqno: number; reactionChanges: boolean },
  ): Promise<(MessageObject | ReactionUpdateObject)[]> {
    const records = await this.messages.since(access.room.id, viewerOf(access), page.limit, after);
    const reactions = await this.reactionsOf(access, page, records);
    return records.map((record) => {
      const given = reactions(record);
      const reactionsOnly = record.seqnoData <= after.seqno && record.data !== null;
      return reactionsOnly ? reactionUpdateObject(record, given) : messageObject(record, given);
    });
  }

  /** Stores a post and answers it as its author sees it. The order of checks is protocol.md §4.2's. */
  async post(author: Identity, access: RoomAccess, post: NewMessage): Promise<MessageObject> {
    this.checkSignature(author, post);
    const whisperMods = post.whisper_mods ?? false;
    const whisper = whisperMods || post.whisper_to != null;
    if (whisper && !access.moderator) throw forbidden('Only moderators may send whispers');
    const place = await this.reservePlace(author, access);
    try {
      const target = post.whisper_to == null ? undefined : await this.addressee(post.whisper_to);
      const { data, size: dataSize } = removePadding(post.data);
      const stored = {
        postedAt: this.clock.nowSeconds(),
        data,
        dataSize,
        signature: post.signature,
        whisperMods,
      };
      const inserted = await this.insert(author, access, post.files ?? [], {
        ...stored,
        whisperToId: target?.id ?? null,
      });
      const whisperTo = target?.sessionId ?? null;
      const untouched = { editedAt: null, seqnoData: inserted.seqno, seqnoReactions: 0 };
      const record = {
        ...inserted,
        ...stored,
        ...untouched,
        sessionId: author.user.sessionId,
        whisper,
        whisperTo,
      };
      return messageObject(record, {});
    } catch (error) {
      place?.cancel();
      throw error;
    }
  }

  /** Throws 404 for a message that is missing or deleted, 403 for somebody else's. */
  async edit(author: Identity, access: RoomAccess, id: number, edit: MessageEdit): Promise<void> {
    this.checkSignature(author, edit);
    const roomId = access.room.id;
    const { signature } = edit;
    const { data, size: dataSize } = removePadding(edit.data);
    await this.database.transaction(async (tx) => {
      const message = await this.messages.lock(tx, roomId, id);
      if (!message) throw notFound();
      if (message.authorId !== author.user.id) throw forbidden('Only its author may edit a message');
      await this.attach(tx, edit.files ?? [], { messageId: id, roomId, uploaderId: author.user.id });
      if (data.equals(message.data)) await this.messages.replaceSignature(tx, id, { dataSize, signature });
      else {
        const editedAt = this.clock.nowSeconds();
        await this.messages.edit(tx, { roomId, id }, { data, dataSize, signature, editedAt });
      }
    });
  }

  /** One statement for most posts; with files, a transaction. Throws 404 when the room is gone. */
  private async insert(
    author: Identity,
    { room }: RoomAccess,
    fileIds: readonly number[],
    content: Omit<NewMessageRecord, 'roomId' | 'authorId'>,
  ): Promise<{ id: number; seqno: number }> {
    const message = { ...content, roomId: room.id, authorId: author.user.id };
    const inserted =
      fileIds.length === 0
        ? await this.messages.insert(message)
        : await this.database.transaction(async (tx) => {
            const made = await this.messages.insert(message, tx);
            if (made)
              await this.attach(tx, fileIds, {
                messageId: made.id,
                roomId: room.id,
                uploaderId: author.user.id,
              });
            return made;
          });
    if (!inserted) throw notFound();
    return inserted;
  }

  /** Files of the same user in this room, free and fresh, become the message's; others are ignored (protocol.md §4.2). */
  private async attach(
    tx: Transaction,
    fileIds: readonly number[],
    to: { messageId: number; roomId: number; uploaderId: number },
  ): Promise<void> {
    if (fileIds.length === 0) return;
    const now = this.clock.nowSeconds();
    const { fileSeconds, unattachedFileSeconds } = this.config.lifetimes;
    const times = { now, expiresAt: now + fileSeconds, uploadedAfter: now - unattachedFileSeconds };
    await this.files.attach(tx, fileIds, to, times);
  }

  private checkSignature(author: Identity, { data, signature }: { data: Buffer; signature: Buffer }): void {
    if (this.config.verifyMessageSignatures && !this.signatures.verify(author, data, signature))
      throw badRequest('The signature does not match the data');
  }

  /** Room and global admins post as fast as they like. Throws 429. */
  private async reservePlace(author: Identity, { room, admin }: RoomAccess) {
    if (admin) return undefined;
    const posts = room.rateLimitPosts ?? this.config.rateLimit.posts;
    const windowSeconds = room.rateLimitWindowSeconds ?? this.config.rateLimit.windowSeconds;
    const place = await this.rateLimiter.reserve(room.id, author.user.id, { posts, windowSeconds });
    if (!place.granted) throw rateLimited();
    return place;
  }

  private addressee(sessionId: NonNullable<NewMessage['whisper_to']>): Promise<UserRecord> {
    return this.database.transaction((tx) => this.people.named(tx, sessionId));
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
