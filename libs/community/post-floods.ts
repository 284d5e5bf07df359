import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { TokenBuckets } from '../coordination/token-buckets.js';
import { beyondLimit } from './limit-tally.js';

/** What may come at once after a while without any. */
const BURST_SECONDS = 100;
/** A long one counts as several. */
const BYTES_OF_ONE = 4096;
/** No room has this id. */
const SERVER = 0;

/**
 * Bounds what all users together write, who cost nothing to make: posts and edits in a room, and on the server, where
 * direct messages count too.
 */
@Injectable()
export class PostFloods {
  private readonly rooms: TokenBuckets<number>;
  private readonly server: TokenBuckets<number>;

  constructor({ abuseLimits }: Config) {
    const buckets = (perSecond: number): TokenBuckets<number> =>
      new TokenBuckets({ perSecond, burst: perSecond * BURST_SECONDS });
    this.rooms = buckets(abuseLimits.roomPostsPerSecondMax);
    this.server = buckets(abuseLimits.serverPostsPerSecondMax);
  }

  /** A post or an edit with so much data. Throws 429. */
  count(roomId: number, bytes: number): void {
    this.take(this.rooms.take(roomId, weightOf(bytes)), 'room posts');
    this.countDirect(bytes);
  }

  /** A direct message, likewise. */
  countDirect(bytes: number): void {
    this.take(this.server.take(SERVER, weightOf(bytes)), 'server posts');
  }

  private take(waitSeconds: number, limit: 'room posts' | 'server posts'): void {
    if (waitSeconds === 0) return;
    throw beyondLimit(limit, waitSeconds);
  }
}

const weightOf = (bytes: number): number => 1 + Math.floor(bytes / BYTES_OF_ONE);
