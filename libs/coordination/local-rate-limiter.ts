import type { PostRateLimit } from '../config/config.js';
import { systemClock, type Clock } from '../protocol/clock.js';
import type { PostRateLimiter, PostReservation } from './post-rate-limiter.js';

export interface LocalRateLimiterOptions {
  /** Pairs of user and room that are kept; beyond it the one that posted least recently is forgotten. */
  keysMax?: number;
  clock?: Clock;
}

interface Posts {
  /** Unix seconds of each counted post, in the order of reservation. */
  times: number[];
  /** When the last of them stops counting. */
  expires: number;
}

const KEYS_MAX_DEFAULT = 100_000;
/** Two looks per reservation free more than a reservation can take. */
const EXPIRED_LOOKS = 2;

/** Rate limits of one process, forgotten when it ends. */
export class LocalRateLimiter implements PostRateLimiter {
  /** Least recently used first. */
  private readonly posts = new Map<string, Posts>();
  private readonly keysMax: number;
  private readonly clock: Clock;

  constructor({ keysMax = KEYS_MAX_DEFAULT, clock = systemClock }: LocalRateLimiterOptions = {}) {
    this.keysMax = keysMax;
    this.clock = clock;
  }

  /** How many pairs of user and room are kept. */
  get size(): number {
    return this.posts.size;
  }

  // Nothing in here awaits: parallel calls cannot both take the last place.
  async reserve(roomId: number, userId: number, limit: PostRateLimit): Promise<PostReservation> {
    if (limit.posts === 0) return { granted: true, cancel: () => undefined };
    const now = this.clock.nowSeconds();
    this.dropExpired(now);
    const key = `${roomId}/${userId}`;
    const posts = this.posts.get(key) ?? { times: [], expires: 0 };
    // Times to come are from before the clock was set back: they would count for as long as that.
    posts.times = posts.times.filter((time) => time >= now - limit.windowSeconds && time <= now);
    const granted = posts.times.length < limit.posts;
    if (granted) {
      posts.times.push(now);
      posts.expires = now + limit.windowSeconds;
    }
    this.keep(key, posts);
    return granted ? { granted, cancel: this.cancellation(key, posts, now) } : { granted };
  }

  private keep(key: string, posts: Posts): void {
    this.posts.delete(key);
    this.posts.set(key, posts);
    if (this.posts.size <= this.keysMax) return;
    const [oldest] = this.posts.keys();
    if (oldest !== undefined) this.posts.delete(oldest);
  }

  private dropExpired(now: number): void {
    let looks = 0;
    for (const [key, { expires }] of this.posts) {
      if (looks++ === EXPIRED_LOOKS || expires >= now) return;
      this.posts.delete(key);
    }
  }

  private cancellation(key: string, posts: Posts, time: number): () => void {
    let isCancelled = false;
    return () => {
      if (isCancelled) return;
      isCancelled = true;
      const at = posts.times.indexOf(time);
      if (at >= 0) posts.times.splice(at, 1);
      if (posts.times.length === 0 && this.posts.get(key) === posts) this.posts.delete(key);
    };
  }
}
