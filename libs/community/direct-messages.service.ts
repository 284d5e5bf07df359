import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { notFound } from '../protocol/errors.js';
import type { SessionId } from '../protocol/ids.js';
import { Database } from '../storage/database.js';
import {
  DirectMessagesRepository,
  type Box,
  type DirectMessageRecord,
} from '../storage/direct-messages.repository.js';
import { UsersRepository, type UserRecord } from '../storage/users.repository.js';
import { MailMarks } from './read-models/mail-marks.js';
import { PostFloods } from './post-floods.js';
import { DirectMessageRulesService } from './direct-message-rules.service.js';

export type { Box, DirectMessageRecord } from '../storage/direct-messages.repository.js';

/** Message requests between blinded users (protocol.md §7). Encrypted end to end: the server only carries them. */
@Injectable()
export class DirectMessagesService {
  constructor(
    private readonly database: Database,
    private readonly directMessages: DirectMessagesRepository,
    private readonly marks: MailMarks,
    private readonly rules: DirectMessageRulesService,
    private readonly users: UsersRepository,
    private readonly floods: PostFloods,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Received or sent ones with ids above `sinceId`, ascending. */
  async list(
    { user }: Identity,
    box: Box,
    page: { sinceId: number; limit: number },
  ): Promise<DirectMessageRecord[]> {
    const mark = await this.marks.of(user.id);
    if (mark?.isBelow(box, page.sinceId)) return [];
    const basis = mark?.basis ?? 0;
    const found = await this.directMessages.list(box, user.id, { ...page, now: this.clock.nowSeconds() });
    if (found.length === 0) mark?.lower(box, page.sinceId, basis);
    return found;
  }

  /**
   * Throws 404 when the recipient has never been here or is banned from the server, 429 while too much is written. One that the rules object to is
   * answered and shown to its sender like any other, and never delivered.
   */
  async send(sender: Identity, recipient: SessionId, body: Buffer): Promise<DirectMessageRecord> {
    const to = await this.users.find(recipient);
    if (!to || to.lastActiveAt === null || to.banned) throw notFound();
    this.floods.countDirect(body.length);
    const postedAt = this.clock.nowSeconds();
    const expiresAt = postedAt + this.config.lifetimes.directMessageSeconds;
    const times = { postedAt, expiresAt };
    const id = await this.store(sender, to, { body, ...times });
    return { id, sender: sender.user.sessionId, recipient: to.sessionId, body, ...times };
  }

  private async store(
    sender: Identity,
    to: UserRecord,
    content: { body: Buffer; postedAt: number; expiresAt: number },
  ): Promise<number> {
    const message = { ...content, senderId: sender.user.id, recipientId: to.id };
    const rules = await this.rules.current();
    if (!rules) return this.directMessages.insert({ ...message, swallowed: false });
    return this.database.transaction(async (tx) => {
      await this.users.lock(tx, sender.user.id);
      const swallowed = await this.rules.swallows(tx, rules, sender, to);
      return this.directMessages.insert({ ...message, swallowed }, tx);
    });
  }

  /** Removes what this user received, from the senders' outboxes too; returns how many. */
  deleteReceived(owner: Identity): Promise<number> {
    return this.directMessages.deleteReceived(owner.user.id, this.clock.nowSeconds());
  }
}
