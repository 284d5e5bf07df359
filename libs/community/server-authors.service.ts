import { Injectable } from '@nestjs/common';
import { PseudoUsers } from '../moderation/pseudo-user.js';
import { readContent, type MessageContent } from '../protocol/content.js';
import type { SessionId } from '../protocol/ids.js';
import { AdminMessagesRepository } from '../storage/admin/admin-messages.repository.js';
import type { Transaction } from '../storage/database.js';

/** Tells apart from people what the server writes itself, as pseudo-users (protocol.md §12). */
@Injectable()
export class ServerAuthorsService {
  constructor(
    private readonly pseudoUsers: PseudoUsers,
    private readonly messages: AdminMessagesRepository,
  ) {}

  /** Whether this is one of them. Names of former rules are kept nowhere but in what was written under them. */
  async includes(user: { id: number; sessionId: SessionId }, tx?: Transaction): Promise<boolean> {
    const data = await this.messages.anyOf(user.id, tx);
    return data !== undefined && this.wrote(user.sessionId, readContent(data));
  }

  /** Whether the server is the author of a message. Others may take its name, but never its id. */
  wrote(author: SessionId, content: MessageContent | undefined): boolean {
    const name = content?.displayName;
    return name !== undefined && this.pseudoUsers.includes(author, name);
  }
}
