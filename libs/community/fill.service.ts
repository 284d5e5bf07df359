import { Injectable } from '@nestjs/common';
import { Clock, toHour } from '../protocol/clock.js';
import { writeContent } from '../protocol/content-writer.js';
import type { RoomToken } from '../protocol/ids.js';
import { FillRepository } from '../storage/fill.repository.js';

/** Bounds of one fill. */
export const FILL_MAX = { rooms: 10_000, users: 1_000_000, messages: 10_000_000 } as const;

export interface FillWish {
  rooms: number;
  users: number;
  /** In all rooms together. */
  messages: number;
}

const PREFIX = 'filled-' as RoomToken;
const USERS_AT_ONCE = 10_000;
/** Rooms take turns, so that their messages lie among each other as in life. */
const MESSAGES_AT_ONCE = 250;
const PADDED_SIZE = 320;
const SENTENCES = [
  'Good morning everybody!',
  'Has anybody tried the new version? It is much faster here.',
  'I do not think that this is right, but let us see what others say about it before we decide.',
  'Thanks 🙏',
  'The meeting is on Thursday at seven, at the usual place; bring something to drink, and somebody to drink it with.',
  'Ja, genau so habe ich es auch verstanden.',
  'Нет, завтра.',
  'lol',
];

/** Fills a community for tests and demonstrations: users without owners, messages of every length. */
@Injectable()
export class FillService {
  constructor(
    private readonly repository: FillRepository,
    private readonly clock: Clock,
  ) {}

  /** `tell` hears how many messages there are so far. May be run again, and adds then. */
  async fill({ rooms, users, messages }: FillWish, tell: (messages: number) => void): Promise<void> {
    const now = this.clock.nowSeconds();
    const roomIds = await this.repository.rooms(PREFIX, rooms, now);
    for (let from = 1; from <= users; from += USERS_AT_ONCE)
      await this.repository.users('filled', from, Math.min(users, from + USERS_AT_ONCE - 1), toHour(now));
    if (roomIds.length === 0 || messages === 0) return;
    const authors = await this.repository.userIds();
    const contents = SENTENCES.map((body) =>
      writeContent({ body, timestampMs: Math.floor(now * 1000), displayName: 'Somebody' }),
    );
    const perRoom = Math.ceil(messages / roomIds.length);
    const postedAfter = now - perRoom;
    for (let done = 0, round = 0; done < messages; round++) {
      for (const roomId of roomIds) {
        const count = Math.min(MESSAGES_AT_ONCE, perRoom - round * MESSAGES_AT_ONCE, messages - done);
        if (count <= 0) continue;
        const given = {
          authors,
          postedAfter: postedAfter + round * MESSAGES_AT_ONCE,
          contents,
          size: PADDED_SIZE,
        };
        await this.repository.messages(roomId, count, given);
        done += count;
        tell(done);
      }
    }
    for (const roomId of roomIds) await this.repository.activity(roomId, toHour(now));
  }
}
