import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { MessageSignatures } from '../auth/message-signatures.js';
import { Config } from '../config/config.js';
import { PostRateLimiter } from '../coordination/post-rate-limiter.js';
import { Clock } from '../protocol/clock.js';
import { badRequest, forbidden, notFound, rateLimited } from '../protocol/errors.js';
import { removePadding } from '../protocol/padding.js';
import type { MessageEdit, MessageObject, NewMessage } from '../protocol/schemas/message.schema.js';
import { Database, type Transaction } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import type { NewMessage as NewMessageRecord } from '../storage/message-inserts.js';
import { MessagesRepository } from '../storage/messages.repository.js';
import type { UserRecord } from '../storage/users.repository.js';
import { messageObject } from './message-object.js';
import { PeopleService } from './people.service.js';
import { PostFloods } from './post-floods.js';
import { PostModerationService, type Judgement } from './post-moderation.service.js';
import type { RoomAccess } from './room-access.js';
import { StatisticsRecorder } from './statistics/statistics-recorder.js';

/** Posting and editing (protocol.md §4.2). Callers have checked room access. The order of checks is the protocol's. */
@Injectable()
export class PostsService {
  constructor(
    private readonly database: Database,
    private readonly messages: MessagesRepository,
    private readonly files: FilesRepository,
    private readonly people: PeopleService,
    private readonly signatures: MessageSignatures,
    private readonly moderation: PostModerationService,
    private readonly rateLimiter: PostRateLimiter,
    private readonly floods: PostFloods,
    private readonly statistics: StatisticsRecorder,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Stores a post and answers it as its author sees it. */
  async post(author: Identity, access: RoomAccess, post: NewMessage): Promise<MessageObject> {
    this.checkSignature(author, post);
    const whisper = (post.whisper_mods ?? false) || post.whisper_to != null;
    if (whisper && !access.moderator) throw forbidden('Only moderators may send whispers');
    const judgement = await this.judge(author, access, post, 'post');
    const place = await this.reservePlace(author, access, post.data.length);
    try {
      const stored = await this.store(author, access, post, judgement.isHidden);
      this.statistics.posted(access.room.id);
      await judgement.carryOut(stored.id);
      return { ...stored, ...(judgement.isHidden && { filtered: true as const }) };
    } catch (error) {
      place?.cancel();
      throw error;
    }
  }

  /** Throws 404 for a message that is missing or deleted, 403 for somebody else's. */
  async edit(author: Identity, access: RoomAccess, id: number, edit: MessageEdit): Promise<void> {
    this.checkSignature(author, edit);
    const judgement = await this.judge(author, access, edit, 'edit');
    if (!access.admin) this.floods.count(access.room.id, edit.data.length);
    const roomId = access.room.id;
    const { signature } = edit;
    const { data, size: dataSize } = removePadding(edit.data);
    await this.database.transaction(async (tx) => {
      const message = await this.messages.lock(tx, roomId, id);
      if (!message) throw notFound();
      if (message.authorId !== author.user.id) throw forbidden('Only its author may edit a message');
      if (judgement.isHidden) return;
      await this.attach(tx, edit.files ?? [], { messageId: id, roomId, uploaderId: author.user.id });
      if (data.equals(message.data)) await this.messages.replaceSignature(tx, id, { dataSize, signature });
      else {
        const editedAt = this.clock.nowSeconds();
        await this.messages.edit(tx, { roomId, id }, { data, dataSize, signature, editedAt });
        await this.messages.trimRevisions(tx, id, this.config.limits.revisionsPerMessageMax);
      }
    });
    await judgement.carryOut(id);
  }

  /** Throws 429 for what a filter or rule rejects, when its consequences (log, reply, sanctions) are carried out. */
  private async judge(
    author: Identity,
    access: RoomAccess,
    { data, files }: MessageEdit,
    kind: 'post' | 'edit',
  ): Promise<Judgement> {
    const content = { data: removePadding(data).data, fileIds: files ?? [] };
    const judgement = await this.moderation.judge(author, access, content, kind);
    if (!judgement.refusal) return judgement;
    await judgement.carryOut(undefined);
    throw judgement.refusal;
  }

  private async store(
    author: Identity,
    access: RoomAccess,
    post: NewMessage,
    filtered: boolean,
  ): Promise<MessageObject> {
    const target = post.whisper_to == null ? undefined : await this.addressee(post.whisper_to);
    const { data, size: dataSize } = removePadding(post.data);
    const stored = {
      postedAt: this.clock.nowSeconds(),
      data,
      dataSize,
      signature: post.signature,
      whisperMods: post.whisper_mods ?? false,
    };
    const inserted = await this.insert(author, access, post.files ?? [], {
      ...stored,
      whisperToId: target?.id ?? null,
      filtered,
    });
    return messageObject(
      {
        ...inserted,
        ...stored,
        editedAt: null,
        seqnoData: inserted.seqno,
        seqnoReactions: 0,
        sessionId: author.user.sessionId,
        whisper: stored.whisperMods || target !== undefined,
        whisperTo: target?.sessionId ?? null,
      },
      {},
    );
  }

  /** One statement for most posts, shared in a busy room; with files, a transaction. Throws 404 when the room is gone. */
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
  private async reservePlace(author: Identity, { room, admin }: RoomAccess, bytes: number) {
    if (admin) return undefined;
    const posts = room.rateLimitPosts ?? this.config.rateLimit.posts;
    const windowSeconds = room.rateLimitWindowSeconds ?? this.config.rateLimit.windowSeconds;
    const place = await this.rateLimiter.reserve(room.id, author.user.id, { posts, windowSeconds });
    if (!place.granted) throw rateLimited();
    try {
      this.floods.count(room.id, bytes);
      return place;
    } catch (error) {
      place.cancel();
      throw error;
    }
  }

  private addressee(sessionId: NonNullable<NewMessage['whisper_to']>): Promise<UserRecord> {
    return this.database.transaction((tx) => this.people.named(tx, sessionId));
  }
}
