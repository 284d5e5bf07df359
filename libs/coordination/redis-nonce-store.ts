import { DEFAULT_ABUSE_LIMITS } from '../protocol/abuse-limits.js';
import { systemClock, type Clock } from '../protocol/clock.js';
import { timestampTooFar, unavailable } from '../protocol/errors.js';
import { assertAcceptable, NONCES_RETRY_AFTER_SECONDS, type NonceStore } from './nonce-store.js';
import { NonceWindow } from './nonce-window.js';
import type { RedisConnection, RedisScript } from './redis-connection.js';
import {
  CLOCKS_APART_SECONDS,
  HOUR,
  keptSeconds,
  neededSeconds,
  NonceKeys,
  placeOf,
  type NoncePlace,
} from './redis-nonce-places.js';
import { RedisNonceSweep } from './redis-nonce-sweep.js';
import { SteadyClock } from './steady-clock.js';

export interface RedisNonceStoreOptions {
  redis: RedisConnection;
  /** How far a request's timestamp may be from now (`limits.timestampSkewSecondsMax`). */
  timestampSkewSeconds: number;
  /** Of all servers together. */
  entriesMax?: number;
  clock?: Clock;
  /** Another one by which old ones are dropped; a {@link SteadyClock} if none is named. */
  sweepClock?: Clock;
  /** How the old ones are dropped ({@link RedisNonceSweep}). */
  restMs?: number;
  slices?: number;
}

interface Waiting {
  readonly place: NoncePlace;
  readonly hour: number;
  resolve(isNew: boolean): void;
  reject(error: unknown): void;
}

/** Of the twenty seconds after which each server tries again. */
const SWEEP_REST_MS = 15_000;
/** While there is room a nonce is looked at every six hours: more often would cost more than its memory. */
const SWEEP_SLICES = 64;
/** Of one call of the script, during which Redis does nothing else: some 2 ms. */
const BATCH_MAX = 256;

const USED = 0;
const TOO_EARLY = 2;
/**
 * Arguments: for how long a shard has to be kept, and to how long it is put off where it would go earlier; for each nonce
 * its field and hour. Keys: the floor, and for each nonce its shard. Answers for each whether it is new, was used, or
 * comes before the floor.
 */
const REMEMBER = `
local floor, answers = tonumber(redis.call('GET', KEYS[1]) or '0'), {}
for i = 1, #KEYS - 1 do
  local key, hour = KEYS[i + 1], ARGV[2 * i + 2]
  if tonumber(hour) < floor then
    answers[i] = ${TOO_EARLY}
  else
    answers[i] = redis.call('HSETNX', key, ARGV[2 * i + 1], hour)
    if answers[i] == 1 and redis.call('TTL', key) < tonumber(ARGV[1]) then redis.call('EXPIRE', key, ARGV[2]) end
  end
end
return answers`;

const HAS = `return redis.call('HEXISTS', KEYS[1], ARGV[1])`;

/**
 * Nonces of all servers of a community, in Redis: fields of small hashes. Those that arrive in one turn of the event
 * loop share a round trip.
 */
export class RedisNonceStore implements NonceStore {
  private waiting: Waiting[] = [];
  private isSweeping = false;
  private readonly rememberScript: RedisScript;
  private readonly hasScript: RedisScript;
  private readonly keys: NonceKeys;
  private readonly window: NonceWindow;
  private readonly sweep: RedisNonceSweep;
  private readonly clock: Clock;

  constructor(options: RedisNonceStoreOptions) {
    const { redis, timestampSkewSeconds, entriesMax = DEFAULT_ABUSE_LIMITS.noncesMax } = options;
    this.clock = options.clock ?? systemClock;
    this.rememberScript = redis.script('rememberNonces', REMEMBER);
    this.hasScript = redis.script('hasNonce', HAS);
    this.keys = new NonceKeys(redis.keyPrefix);
    this.window = new NonceWindow({ timestampSkewSeconds, entriesMax });
    const { restMs = SWEEP_REST_MS, slices = SWEEP_SLICES } = options;
    const clock = options.sweepClock ?? new SteadyClock(this.clock);
    this.sweep = new RedisNonceSweep({ redis, window: this.window, clock, restMs, slices });
  }

  get size(): number {
    return this.sweep.size;
  }

  get entriesMax(): number {
    return this.window.entriesMax;
  }

  /** Throws RedisUnavailableError. */
  async has(nonce: Buffer): Promise<boolean> {
    const { shard, field } = placeOf(nonce);
    return (await this.hasScript([this.keys.shard(shard)], [field])) === 1;
  }

  /**
   * Throws WireError 425 for a time that is too far from now for a store as full as this, 503 when it is full, and
   * RedisUnavailableError.
   */
  async remember(nonce: Buffer, timestampSeconds: number): Promise<boolean> {
    const { timestampSkewSeconds } = this.window;
    assertAcceptable(timestampSeconds, this.clock, timestampSkewSeconds + CLOCKS_APART_SECONDS);
    const place = placeOf(nonce);
    if (!this.window.takes(timestampSeconds, this.clock.nowSeconds(), this.size)) throw timestampTooFar();
    if (this.window.isFull(this.size)) throw unavailable(NONCES_RETRY_AFTER_SECONDS);
    const hour = Math.floor(timestampSeconds / HOUR);
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ place, hour, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  /** A portion of them at a time, in turn with the other servers. Throws RedisUnavailableError. */
  async dropExpired(): Promise<void> {
    if (this.isSweeping) return;
    this.isSweeping = true;
    try {
      await this.sweep.sweep();
    } finally {
      this.isSweeping = false;
    }
  }

  /** The connection belongs to whoever opened it. */
  close(): void {}

  private flush(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (let at = 0; at < waiting.length; at += BATCH_MAX)
      void this.rememberAll(waiting.slice(at, at + BATCH_MAX));
  }

  private async rememberAll(batch: readonly Waiting[]): Promise<void> {
    const keys = [this.keys.floor, ...batch.map(({ place }) => this.keys.shard(place.shard))];
    const args = batch.flatMap(({ place, hour }) => [place.field, hour]);
    const { timestampSkewSeconds: skew } = this.window;
    const kept = [neededSeconds(skew), keptSeconds(skew)];
    try {
      const answers = (await this.rememberScript(keys, [...kept, ...args])) as number[];
      batch.forEach(({ resolve, reject }, at) => {
        if (answers[at] === TOO_EARLY) reject(timestampTooFar());
        else resolve(answers[at] !== USED);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
