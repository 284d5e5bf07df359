import { systemClock, type Clock } from '../protocol/clock.js';
import { assertAcceptable, NONCE_BYTES, type NonceStore } from './nonce-store.js';
import type { RedisConnection, RedisScript } from './redis-connection.js';

export interface RedisNonceStoreOptions {
  redis: RedisConnection;
  /** How far a request's timestamp may be from now (`limits.timestampSkewSecondsMax`). */
  timestampSkewSeconds: number;
  clock?: Clock;
}

interface Waiting {
  readonly nonce: PlacedNonce;
  resolve(isNew: boolean): void;
  reject(error: unknown): void;
}

/** Where a nonce belongs. */
interface PlacedNonce {
  readonly day: number;
  readonly shard: string;
  /** What of the nonce the shard does not say already. */
  readonly field: Buffer;
}

const DAY = 86_400;
/** The clocks of the servers may differ by this much. */
const CLOCKS_APART_SECONDS = 300;
/**
 * Redis packs a small hash (up to 512 fields by default) into one piece of memory, so nonces are spread over many:
 * 20 to 30 bytes each from a million to sixteen million a day. Beyond that Redis unpacks them, to some 70 bytes.
 */
const SHARD_BITS = 15;
const SHARD_BYTES = 1;
/** Of one call of the script, during which Redis does nothing else: some 2 ms. */
const BATCH_MAX = 256;

/**
 * For each nonce: its field, seconds until its bucket may go, and as many keys as there are buckets, its own first.
 * One that is in another bucket was used with another timestamp.
 */
const REMEMBER = `
local answers, buckets = {}, tonumber(ARGV[1])
for i = 1, (#ARGV - 1) / 2 do
  local first, field, isNew = (i - 1) * buckets + 1, ARGV[i * 2], 1
  for other = first + 1, first + buckets - 1 do
    if redis.call('HEXISTS', KEYS[other], field) == 1 then isNew = 0 break end
  end
  if isNew == 1 then
    isNew = redis.call('HSETNX', KEYS[first], field, '')
    if isNew == 1 and redis.call('HLEN', KEYS[first]) == 1 then
      redis.call('EXPIRE', KEYS[first], ARGV[i * 2 + 1])
    end
  end
  answers[i] = isNew
end
return answers`;

const HAS = `
for i = 1, #KEYS do
  if redis.call('HEXISTS', KEYS[i], ARGV[1]) == 1 then return 1 end
end
return 0`;

/**
 * Nonces of all servers of a community, in Redis: small hashes by day of the signed timestamp and by the first bits
 * of the nonce. Redis drops them whole, by their expiry. Nonces that arrive in one turn of the event loop share a
 * round trip.
 */
export class RedisNonceStore implements NonceStore {
  private waiting: Waiting[] = [];
  private readonly rememberScript: RedisScript;
  private readonly hasScript: RedisScript;
  private readonly keyPrefix: string;
  private readonly timestampSkewSeconds: number;
  private readonly clock: Clock;

  constructor({ redis, timestampSkewSeconds, clock = systemClock }: RedisNonceStoreOptions) {
    this.rememberScript = redis.script('rememberNonces', REMEMBER);
    this.hasScript = redis.script('hasNonce', HAS);
    this.keyPrefix = `${redis.keyPrefix}nonces:`;
    this.timestampSkewSeconds = timestampSkewSeconds;
    this.clock = clock;
  }

  /** Throws RedisUnavailableError. */
  async has(nonce: Buffer, timestampSeconds: number): Promise<boolean> {
    const placed = place(nonce, timestampSeconds);
    return (await this.hasScript(this.keysFor(placed, this.liveDays()), [placed.field])) === 1;
  }

  /** Throws RedisUnavailableError. */
  async remember(nonce: Buffer, timestampSeconds: number): Promise<boolean> {
    assertAcceptable(timestampSeconds, this.clock, this.timestampSkewSeconds + CLOCKS_APART_SECONDS);
    const placed = place(nonce, timestampSeconds);
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ nonce: placed, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  /** Redis does it. */
  dropExpired(): void {}

  /** The connection belongs to whoever opened it. */
  close(): void {}

  private flush(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (let at = 0; at < waiting.length; at += BATCH_MAX)
      void this.rememberAll(waiting.slice(at, at + BATCH_MAX));
  }

  private async rememberAll(batch: readonly Waiting[]): Promise<void> {
    // A day may just have ended for which one of these was still in time.
    const days = [...new Set([...this.liveDays(), ...batch.map(({ nonce }) => nonce.day)])];
    const keys = batch.flatMap(({ nonce }) => this.keysFor(nonce, days));
    const args = batch.flatMap(({ nonce }) => [nonce.field, this.secondsUntilGone(nonce.day)]);
    try {
      const answers = (await this.rememberScript(keys, [days.length, ...args])) as number[];
      batch.forEach(({ resolve }, at) => resolve(answers[at] === 1));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Days of all timestamps that some server may accept now. */
  private liveDays(): number[] {
    const reach = this.timestampSkewSeconds + CLOCKS_APART_SECONDS;
    const now = this.clock.nowSeconds();
    const first = Math.floor((now - reach) / DAY);
    const count = Math.floor((now + reach) / DAY) - first + 1;
    return Array.from({ length: count }, (_, at) => first + at);
  }

  /** The nonce's own bucket, then the others. */
  private keysFor({ day, shard }: PlacedNonce, days: readonly number[]): string[] {
    const others = days.filter((each) => each !== day);
    return [day, ...others].map((each) => `${this.keyPrefix}${each}:${shard}`);
  }

  /** From now, so that it does not matter what time Redis thinks it is. */
  private secondsUntilGone(day: number): number {
    const until = (day + 1) * DAY + this.timestampSkewSeconds + CLOCKS_APART_SECONDS;
    return Math.max(1, Math.ceil(until - this.clock.nowSeconds()));
  }
}

/** Copies the nonce. */
function place(nonce: Buffer, timestampSeconds: number): PlacedNonce {
  if (nonce.length !== NONCE_BYTES)
    throw new RangeError(`A nonce has ${NONCE_BYTES} bytes, not ${nonce.length}`);
  return {
    day: Math.floor(timestampSeconds / DAY),
    shard: (nonce.readUInt16BE(0) >>> (16 - SHARD_BITS)).toString(36),
    field: Buffer.from(nonce.subarray(SHARD_BYTES)),
  };
}
