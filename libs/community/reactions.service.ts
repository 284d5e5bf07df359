import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { countCodePoints } from '../protocol/encodings.js';
import { badRequest, notFound } from '../protocol/errors.js';
import { Database, type Transaction } from '../storage/database.js';
import { MessagesRepository } from '../storage/messages.repository.js';
import { ReactionsRepository, type Reactor } from '../storage/reactions.repository.js';
import { ModerationLogService } from './moderation-log.service.js';
import type { RoomAccess } from './room-access.js';

interface RegularMessage {
  id: number;
  seqno: number;
}

/** Reactions to regular messages: not to deleted ones, filtered ones or whispers (protocol.md §4.3). */
@Injectable()
export class ReactionsService {
  constructor(
    private readonly database: Database,
    private readonly messages: MessagesRepository,
    private readonly reactions: ReactionsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Answers whether it is new, and the message's `seqno` afterwards. Throws 400 for the emoji or too many, 404. */
  async add(
    user: Identity,
    access: RoomAccess,
    messageId: number,
    emoji: string,
  ): Promise<{ added: boolean; seqno: number }> {
    this.checkEmoji(emoji);
    return this.onRegular(access, messageId, async (tx, message) => {
      const userId = user.user.id;
      await this.checkVariety(tx, message.id, emoji, userId);
      const reactedAt = this.clock.nowSeconds();
      const added = await this.reactions.add(tx, message.id, { emoji, userId, reactedAt });
      return { added, seqno: await this.count(tx, access, message, added ? 1 : 0) };
    });
  }

  async remove(
    user: Identity,
    access: RoomAccess,
    messageId: number,
    emoji: string,
  ): Promise<{ removed: boolean; seqno: number }> {
    this.checkEmoji(emoji);
    return this.onRegular(access, messageId, async (tx, message) => {
      const removed = await this.reactions.remove(tx, message.id, emoji, user.user.id);
      return { removed, seqno: await this.count(tx, access, message, removed ? 1 : 0) };
    });
  }

  /** Everybody's, with one emoji or (undefined) with any; each takes a number of its own. For moderators. */
  async clear(
    moderator: Identity,
    access: RoomAccess,
    messageId: number,
    emoji: string | undefined,
  ): Promise<{ removed: number; seqno: number }> {
    if (emoji !== undefined) this.checkEmoji(emoji);
    return this.onRegular(access, messageId, async (tx, message) => {
      const removed = await this.reactions.clear(tx, message.id, emoji);
      const seqno = await this.count(tx, access, message, removed);
      if (removed > 0)
        await this.moderationLog.record(
          tx,
          { userId: moderator.user.id, via: 'protocol' },
          { action: 'reactions.clear', room: access.room, messageId: message.id, detail: { removed } },
        );
      return { removed, seqno };
    });
  }

  /** Oldest first; `limit` undefined for all. */
  async reactors(
    access: RoomAccess,
    messageId: number,
    emoji: string,
    limit: number | undefined,
  ): Promise<Reactor[]> {
    this.checkEmoji(emoji);
    if (!(await this.messages.isRegular(access.room.id, messageId))) throw notFound();
    return this.reactions.reactors(messageId, emoji, limit);
  }

  private onRegular<Result>(
    { room }: RoomAccess,
    messageId: number,
    work: (tx: Transaction, message: RegularMessage) => Promise<Result>,
  ): Promise<Result> {
    return this.database.transaction(async (tx) => {
      const message = await this.messages.lockRegular(tx, room.id, messageId);
      if (!message) throw notFound();
      return work(tx, message);
    });
  }

  private async count(
    tx: Transaction,
    { room }: RoomAccess,
    message: RegularMessage,
    changes: number,
  ): Promise<number> {
    if (changes === 0) return message.seqno;
    return this.messages.countReactionChanges(tx, { roomId: room.id, id: message.id }, changes);
  }

  private checkEmoji(emoji: string): void {
    const { reactionCodePointsMax } = this.config.limits;
    if (countCodePoints(emoji) > reactionCodePointsMax || emoji.includes('\0'))
      throw badRequest(`A reaction has 1 to ${reactionCodePointsMax} characters`);
  }

  private async checkVariety(
    tx: Transaction,
    messageId: number,
    emoji: string,
    userId: number,
  ): Promise<void> {
    const { reactionsPerMessageMax, reactionsPerUserMax } = this.config.limits;
    const variety = await this.reactions.variety(tx, messageId, emoji, userId);
    if (!variety.known && variety.ofMessage >= reactionsPerMessageMax)
      throw badRequest(`A message has at most ${reactionsPerMessageMax} different reactions`);
    if (!variety.given && variety.ofUser >= reactionsPerUserMax)
      throw badRequest(`A user has at most ${reactionsPerUserMax} reactions on a message`);
  }
}
