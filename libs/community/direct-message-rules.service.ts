import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { judgeDirectMessage, type DirectMessageFacts } from '../moderation/automod-direct-messages.js';
import type { DirectMessageRule } from '../moderation/automod-rules.js';
import { Clock } from '../protocol/clock.js';
import type { Transaction } from '../storage/database.js';
import { DirectMessagesRepository } from '../storage/direct-messages.repository.js';
import { StandingRepository } from '../storage/standing.repository.js';
import type { UserRecord } from '../storage/users.repository.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ModerationRulesService } from './moderation-rules.service.js';
import { ServerIdentity } from './server-identity.js';

/** Who may write direct messages to whom. The server cannot read them, so rules look at the people alone. */
@Injectable()
export class DirectMessageRulesService {
  constructor(
    private readonly rules: ModerationRulesService,
    private readonly standing: StandingRepository,
    private readonly directMessages: DirectMessagesRepository,
    private readonly log: ModerationLogService,
    private readonly server: ServerIdentity,
    private readonly clock: Clock,
  ) {}

  /** Undefined without any, which is how a server starts. */
  current(): Promise<DirectMessageRule | undefined> {
    return this.rules.ofDirectMessages();
  }

  /**
   * Whether the message is to be swallowed: accepted and never delivered, so that the sender notices nothing. The
   * sender's row is the caller's to lock, or messages sent at once would not know of each other. Moderators are
   * exempt on both ends.
   */
  async swallows(
    tx: Transaction,
    rule: DirectMessageRule,
    { user: sender }: Identity,
    recipient: UserRecord,
  ): Promise<boolean> {
    if (sender.moderator || recipient.moderator) return false;
    const roles = await this.standing.rolesAnywhere(sender.id, tx);
    if (roles.moderates || (await this.standing.rolesAnywhere(recipient.id, tx)).moderates) return false;
    const facts = this.factsAbout(tx, sender.id, recipient.id, roles.isBanned);
    const finding = await judgeDirectMessage(rule, { sender, recipient }, facts);
    if (!finding) return false;
    const { dryRun, detail } = finding;
    const entry = {
      action: 'direct-message.swallow',
      targetId: sender.id,
      detail: { ...detail, ...(dryRun && { dryRun }) },
    };
    await this.log.record(tx, { userId: this.server.userId, via: 'filter' }, entry);
    return !dryRun;
  }

  private factsAbout(
    tx: Transaction,
    senderId: number,
    recipientId: number,
    isBanned: boolean,
  ): DirectMessageFacts {
    const now = this.clock.nowSeconds();
    return {
      isBannedSomewhere: () => Promise.resolve(isBanned),
      conversation: () => this.directMessages.conversation(tx, senderId, recipientId),
      standing: async () => {
        const place = { roomId: undefined, postsMax: POSTS_COUNTED_MAX };
        const { createdAt, posts } = await this.standing.of(senderId, place, tx);
        return { ageSeconds: now - createdAt, posts };
      },
      // From the messages themselves: a restart must not make a spammer's day begin anew.
      record: async (_window, _member, seconds) => {
        const others = await this.directMessages.newRecipients(tx, senderId, recipientId, now - seconds);
        return { events: others + 1, members: others + 1 };
      },
    };
  }
}

/** More posts than that make nobody less new. */
const POSTS_COUNTED_MAX = 10_000;
