import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { notFound } from '../protocol/errors.js';
import type { SessionId } from '../protocol/ids.js';
import {
  DirectMessagesRepository,
  type Box,
  type DirectMessageRecord,
} from '../storage/direct-messages.repository.js';
import { UsersRepository } from '../storage/users.repository.js';

export type { Box, DirectMessageRecord } from '../storage/direct-messages.repository.js';

/** Message requests between blinded users (protocol.md §7). Encrypted end to end: the server only carries them. */
@Injectable()
export class DirectMessagesService {
  constructor(
    private readonly directMessages: DirectMessagesRepository,
    private readonly users: UsersRepository,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Received or sent ones with ids above `sinceId`, ascending. */
  list(owner: Identity, box: Box, page: { sinceId: number; limit: number }): Promise<DirectMessageRecord[]> {
    return this.directMessages.list(box, owner.user.id, { ...page, now: this.clock.nowSeconds() });
  }

  /** Throws 404 when the recipient has never been here or is banned from the server. */
  async send(sender: Identity, recipient: SessionId, body: Buffer): Promise<DirectMessageRecord> {
    const to = await this.users.find(recipient);
    if (!to || to.lastActiveAt === null || to.banned) throw notFound();
    const postedAt = this.clock.nowSeconds();
    const expiresAt = postedAt + this.config.lifetimes.directMessageSeconds;
    const times = { postedAt, expiresAt };
    const id = await this.directMessages.insert({
      senderId: sender.user.id,
      recipientId: to.id,
      body,
      ...times,
    });
    return { id, sender: sender.user.sessionId, recipient: to.sessionId, body, ...times };
  }

  /** Removes what this user received, from the senders' outboxes too; returns how many. */
  deleteReceived(owner: Identity): Promise<number> {
    return this.directMessages.deleteReceived(owner.user.id, this.clock.nowSeconds());
  }
}
