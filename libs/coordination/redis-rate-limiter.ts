import type { PostRateLimit } from '../config/config.js';
import { systemClock, type Clock } from '../protocol/clock.js';
import type { PostRateLimiter, PostReservation } from './post-rate-limiter.js';
import type { RedisConnection, RedisScript } from './redis-connection.js';
import { TAKE_PLACE } from './redis-place-script.js';
import { CLOCKS_APART_MS, FreshNames } from './other-servers.js';

export interface RedisRateLimiterOptions {
  redis: RedisConnection;
  clock?: Clock;
}

const CANCEL = `return redis.call('ZREM', KEYS[1], ARGV[1])`;

/** Rate limits that hold across all servers of a community: a window for each user in a room. */
export class RedisRateLimiter implements PostRateLimiter {
  private readonly takePlace: RedisScript;
  private readonly cancelScript: RedisScript;
  private readonly keyPrefix: string;
  private readonly clock: Clock;
  private readonly names = new FreshNames();

  constructor({ redis, clock = systemClock }: RedisRateLimiterOptions) {
    this.takePlace = redis.script('takePlace', TAKE_PLACE);
    this.cancelScript = redis.script('cancelPost', CANCEL);
    this.keyPrefix = `${redis.keyPrefix}posts:`;
    this.clock = clock;
  }

  /** Throws RedisUnavailableError. */
  async reserve(roomId: number, userId: number, limit: PostRateLimit): Promise<PostReservation> {
    if (limit.posts === 0) return { granted: true, cancel: () => undefined };
    const now = this.clock.nowSeconds();
    const key = `${this.keyPrefix}${roomId}:${userId}`;
    const member = this.names.next();
    const keepMs = limit.windowSeconds * 1000 + CLOCKS_APART_MS;
    const args = [now, `(${now - limit.windowSeconds}`, keepMs, limit.posts, member]; // (: up to, but without
    const granted = Number(await this.takePlace([key], args)) <= limit.posts;
    return granted ? { granted, cancel: () => this.cancel(key, member) } : { granted };
  }

  /** Nobody waits for it: it is on its way before whatever this process reserves next, on the same connection. */
  private cancel(key: string, member: string): void {
    this.cancelScript([key], [member]).catch(() => undefined); // the place is free again when the window is over
  }
}
