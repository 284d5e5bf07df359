import { Injectable } from '@nestjs/common';
import { PseudoUsers } from '../moderation/pseudo-user.js';
import { Clock } from '../protocol/clock.js';
import { removePadding } from '../protocol/padding.js';
import { Database } from '../storage/database.js';
import { MessagesRepository } from '../storage/messages.repository.js';
import { PeopleService } from './people.service.js';

/** Who is to see it: everybody in the room (nobody named), one user, the moderators. */
export interface Audience {
  toUserId?: number;
  moderators?: boolean;
}

/** Messages that the server itself writes into rooms, as pseudo-users (protocol.md §12). */
@Injectable()
export class ServerVoiceService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly messages: MessagesRepository,
    private readonly pseudoUsers: PseudoUsers,
    private readonly clock: Clock,
  ) {}

  /** Returns the message's id; undefined, and nothing happens, when the room is gone. */
  async say(
    roomId: number,
    words: { profileName: string; text: string },
    audience: Audience,
  ): Promise<number | undefined> {
    const postedAt = this.clock.nowSeconds();
    const { sessionId, data: padded, signature } = this.pseudoUsers.write(words, postedAt * 1000);
    const { data, size: dataSize } = removePadding(padded);
    return this.database.transaction(async (tx) => {
      const author = await this.people.named(tx, sessionId);
      const message = {
        roomId,
        authorId: author.id,
        postedAt,
        data,
        dataSize,
        signature,
        whisperToId: audience.toUserId ?? null,
        whisperMods: audience.moderators ?? false,
        filtered: false,
      };
      return (await this.messages.insert(message, tx))?.id;
    });
  }
}
