import type { PostRateLimit } from '../config/config.js';
import { systemClock, type Clock } from '../protocol/clock.js';
import type { PostRateLimiter, PostReservation } from './post-rate-limiter.js';
import type { RedisConnection, RedisScript } from './redis-connection.js';
import { CLOCKS_APART_MS, freshProcessName } from './other-servers.js';

export interface RedisRateLimiterOptions {
  redis: RedisConnection;
  clock?: Clock;
}

/**
 * Posts of a user in a room, as members of a sorted set with their times as scores. Redis drops the set when the
 * last of them stops counting. Arguments: now, start of the window, places, milliseconds to keep it, the new member.
 */
const RESERVE = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`;

const CANCEL = `return redis.call('ZREM', KEYS[1], ARGV[1])`;

/** Rate limits that hold across all servers of a community. */
export class RedisRateLimiter implements PostRateLimiter {
  private readonly reserveScript: RedisScript;
  private readonly cancelScript: RedisScript;
  private readonly keyPrefix: string;
  private readonly clock: Clock;
  /** Tells the posts of this process from those of others. */
  private readonly process = freshProcessName();
  private reservations = 0;

  constructor({ redis, clock = systemClock }: RedisRateLimiterOptions) {
    this.reserveScript = redis.script('reservePost', RESERVE);
    this.cancelScript = redis.script('cancelPost', CANCEL);
    this.keyPrefix = `${redis.keyPrefix}posts:`;
    this.clock = clock;
  }

  /** Throws RedisUnavailableError. */
  async reserve(roomId: number, userId: number, limit: PostRateLimit): Promise<PostReservation> {
    if (limit.posts === 0) return { granted: true, cancel: () => undefined };
    const now = this.clock.nowSeconds();
    const key = `${this.keyPrefix}${roomId}:${userId}`;
    const member = `${this.process}-${(this.reservations++).toString(36)}`;
    const keepMs = limit.windowSeconds * 1000 + CLOCKS_APART_MS;
    const args = [now, now - limit.windowSeconds, limit.posts, keepMs, member];
    const granted = (await this.reserveScript([key], args)) === 1;
    return granted ? { granted, cancel: () => this.cancel(key, member) } : { granted };
  }

  /** Nobody waits for it: it is on its way before whatever this process reserves next, on the same connection. */
  private cancel(key: string, member: string): void {
    this.cancelScript([key], [member]).catch(() => undefined); // the place is free again when the window is over
  }
}
