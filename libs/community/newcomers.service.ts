import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/ports.js';
import { Config } from '../config/config.js';
import { EventWindows } from '../coordination/event-windows.js';
import { BoundedCache } from '../protocol/bounded-cache.js';
import { Clock } from '../protocol/clock.js';
import type { WireError } from '../protocol/errors.js';
import type { SessionId } from '../protocol/ids.js';
import { StandingRepository } from '../storage/standing.repository.js';
import { beyondLimit } from './limit-tally.js';
import { UserModels } from './read-models/user-models.js';

/** Whoever came longer ago is no newcomer. */
const NEWCOMER_SECONDS = 3600;
const REMEMBERED_MAX = 100_000;

/** Too many people came at once; this one may read, as somebody anonymous. */
export class TurnedAwayError extends Error {
  constructor(readonly refusal: WireError) {
    super('too many people come for the first time');
  }
}

/**
 * New identities cost nothing, so their number is bounded: of those who come to the server for the first time, and of
 * those who begin to write in a room. Others, and those who were let in before, notice nothing of it; nor does
 * anybody who only reads. Automod's rule against raids is finer, and closes a room; this only slows down.
 */
@Injectable()
export class NewcomersService {
  /** Who is none, by id, and who was let in where. */
  private readonly established = new BoundedCache<number, true>(REMEMBERED_MAX);
  private readonly letIn = new BoundedCache<string, true>(REMEMBERED_MAX);

  constructor(
    private readonly users: UserModels,
    private readonly standing: StandingRepository,
    private readonly windows: EventWindows,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Makes the row of somebody who was never here. Throws TurnedAwayError. */
  async arrive(sessionId: SessionId): Promise<AuthenticatedUser> {
    const { serverNewcomersMax: newcomersMax, newcomersWindowSeconds: seconds } = this.config.abuseLimits;
    if (newcomersMax > 0 && (await this.isTooMany('newcomers', newcomersMax)))
      throw new TurnedAwayError(beyondLimit('server newcomers', seconds));
    return this.users.arrive(sessionId);
  }

  /** Before somebody changes something in a room. Throws 429 for a newcomer when too many begin to. */
  async beginToWrite(userId: number, roomId: number): Promise<void> {
    const { roomNewcomersMax: newcomersMax, newcomersWindowSeconds: seconds } = this.config.abuseLimits;
    if (newcomersMax === 0 || this.established.has(userId)) return;
    const key = `${roomId}/${userId}`;
    if (this.letIn.has(key)) return;
    const { createdAt } = await this.standing.of(userId, { roomId, postsMax: 0 });
    if (this.clock.nowSeconds() - createdAt >= NEWCOMER_SECONDS) {
      this.established.set(userId, true);
      return;
    }
    if (await this.isTooMany(`newcomers/${roomId}`, newcomersMax))
      throw beyondLimit('room newcomers', seconds);
    this.letIn.set(key, true);
  }

  private async isTooMany(key: string, newcomersMax: number): Promise<boolean> {
    const seconds = this.config.abuseLimits.newcomersWindowSeconds;
    return (await this.windows.count(key, seconds, newcomersMax)) > newcomersMax;
  }
}
