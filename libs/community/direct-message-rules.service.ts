import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import type { DirectMessageRule } from '../moderation/automod-rules.js';
import { Clock } from '../protocol/clock.js';
import type { Transaction } from '../storage/database.js';
import { DirectMessagesRepository } from '../storage/direct-messages.repository.js';
import { StandingRepository } from '../storage/standing.repository.js';
import type { UserRecord } from '../storage/users.repository.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ModerationRulesService } from './moderation-rules.service.js';
import { ServerIdentity } from './server-identity.js';

const DAY_SECONDS = 86_400;
const MINUTE_SECONDS = 60;

/** Why a direct message is not delivered. */
type Objection = 'banned-sender' | 'newcomer' | 'recipients';

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

  /** Rules that are on; undefined without any, which is the rule. */
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
    rules: DirectMessageRule,
    { user: sender }: Identity,
    recipient: UserRecord,
  ): Promise<boolean> {
    if (sender.moderator || recipient.moderator) return false;
    const roles = await this.standing.rolesAnywhere(sender.id, tx);
    if (roles.moderates || (await this.standing.rolesAnywhere(recipient.id, tx)).moderates) return false;
    const objection =
      rules.noBannedSenders && roles.isBanned
        ? 'banned-sender'
        : await this.objection(tx, rules, sender.id, recipient.id);
    if (!objection) return false;
    const dryRun = rules.dryRun ?? false;
    await this.log.record(
      tx,
      { userId: this.server.userId, via: 'filter' },
      {
        action: 'direct-message.swallow',
        targetId: sender.id,
        detail: { rule: objection, ...(dryRun && { dryRun }) },
      },
    );
    return !dryRun;
  }

  private async objection(
    tx: Transaction,
    { minPosts, minMinutes, newRecipientsPerDayMax }: DirectMessageRule,
    senderId: number,
    recipientId: number,
  ): Promise<Objection | undefined> {
    const now = this.clock.nowSeconds();
    if (minPosts !== undefined || minMinutes !== undefined) {
      const place = { roomId: undefined, postsMax: minPosts ?? 0 };
      const { createdAt, posts } = await this.standing.of(senderId, place, tx);
      const wroteEnough = minPosts !== undefined && posts >= minPosts;
      const isHereLongEnough = minMinutes !== undefined && now - createdAt >= minMinutes * MINUTE_SECONDS;
      if (!wroteEnough && !isHereLongEnough) return 'newcomer';
    }
    if (newRecipientsPerDayMax === undefined) return undefined;
    const contacts = await this.directMessages.firstContacts(tx, senderId, recipientId, now - DAY_SECONDS);
    return !contacts.known && contacts.fresh >= newRecipientsPerDayMax ? 'recipients' : undefined;
  }
}
