import type { Clock } from '../protocol/clock.js';
import type { NonceWindow } from './nonce-window.js';
import type { RedisConnection, RedisScript } from './redis-connection.js';
import {
  CLOCKS_APART_SECONDS,
  HOUR,
  keptSeconds,
  NonceKeys,
  PACKED_MAX,
  SHARDS,
  UNPACKED_WEIGHT,
} from './redis-nonce-places.js';

const PORTIONS = 16;
const SHARDS_OF_PORTION = SHARDS / PORTIONS;
const SHARDS_OF_CALL = 256;
/** That one call of the script looks at, more or less: some 2 ms, during which Redis does nothing else. */
const FIELDS_OF_CALL = 4096;
/** Where room is short, so that it is known soon how much there is. */
const PORTIONS_WHEN_SHORT = 2;

/*
 * A Redis that is full refuses what takes room, but not once a script has written something. So those that make room
 * begin with what takes none.
 */

/**
 * How many nonces there are in all, and which turn this is, or -1 when it was somebody's a moment ago: however many
 * servers there are, Redis has the same work. Arguments: milliseconds until the next turn, seconds to keep the keys.
 */
const TAKE_TURN = `
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[2])
local sum = 0
for _, count in ipairs(redis.call('HVALS', KEYS[1])) do sum = sum + count end
if not redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[1]) then return {sum, -1} end
return {sum, redis.call('INCR', KEYS[3])}`;

const NOTE_COUNT = `
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])`;

/** By the room that they take: those of an unpacked shard count for more. */
const COUNT = `
local sum = 0
for _, key in ipairs(KEYS) do
  local count = redis.call('HLEN', key)
  if count > ${PACKED_MAX} then count = math.floor(count * ${UNPACKED_WEIGHT}) end
  sum = sum + count
end
return sum`;

/**
 * Drops from each shard, as far as one look at it goes, what is of an hour that is over; answers for each where to look
 * on ('0': it was seen whole), for as many as it came to. Arguments: now, for how long after their time nonces are kept,
 * whether that is less than others may accept, for how long the floor is kept, where to look on.
 * Of two clocks the one that is behind is believed: what is dropped cannot be had back when the other is set right.
 */
const SWEEP = `
redis.call('EXPIRE', KEYS[1], ARGV[4])
local now = math.min(tonumber(ARGV[1]), tonumber(redis.call('TIME')[1]))
local first = math.floor((now - tonumber(ARGV[2])) / ${HOUR})
if ARGV[3] == '1' and first > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], first, 'EX', ARGV[4])
end
local answers, seen = {}, 0
for i = 2, #KEYS do
  local page = redis.call('HSCAN', KEYS[i], ARGV[5], 'COUNT', 512)
  local over = {}
  for at = 2, #page[2], 2 do
    if tonumber(page[2][at]) < first then over[#over + 1] = page[2][at - 1] end
    if #over == 1024 or at == #page[2] and #over > 0 then
      redis.call('HDEL', KEYS[i], unpack(over))
      over = {}
    end
  end
  answers[i - 1] = page[1]
  seen = seen + #page[2] / 2
  if seen >= ${FIELDS_OF_CALL} then break end
end
return answers`;

export interface RedisNonceSweepOptions {
  redis: RedisConnection;
  window: NonceWindow;
  /** By which what is over goes for good. */
  clock: Clock;
  /** For which nobody sweeps after somebody did. */
  restMs: number;
  /** Over how many turns of a portion the look at all of its nonces is spread. */
  slices: number;
}

/**
 * Counts the nonces in Redis, a portion of the shards at a time, and drops those whose time is over: from a slice of
 * the portion, or from all of it where room is short.
 */
export class RedisNonceSweep {
  /** As of the last time; of each portion as it was when it was counted. */
  size = 0;
  private readonly keys: NonceKeys;
  private readonly takeTurn: RedisScript;
  private readonly noteCount: RedisScript;
  private readonly countShards: RedisScript;
  private readonly sweepShards: RedisScript;

  constructor(private readonly options: RedisNonceSweepOptions) {
    const { redis } = options;
    this.keys = new NonceKeys(redis.keyPrefix);
    this.takeTurn = redis.script('takeNonceTurn', TAKE_TURN);
    this.noteCount = redis.script('noteNonceCount', NOTE_COUNT);
    this.countShards = redis.script('countNonces', COUNT);
    this.sweepShards = redis.script('sweepNonces', SWEEP);
  }

  /** If it is time, the next portion, or some where room is short. Throws RedisUnavailableError. */
  async sweep(): Promise<void> {
    const { counts, rest, turns } = this.keys;
    const answer = await this.takeTurn([counts, rest, turns], [this.options.restMs, this.keptSeconds]);
    const [sum, turn] = answer as [number, number];
    this.size = sum;
    if (turn < 0) return;
    if (!this.isShort)
      await this.sweepPortion(turn % PORTIONS, Math.floor(turn / PORTIONS) % this.options.slices);
    else
      for (let at = 0; at < PORTIONS_WHEN_SHORT; at++)
        await this.sweepPortion((turn * PORTIONS_WHEN_SHORT + at) % PORTIONS);
  }

  private get isShort(): boolean {
    return this.options.window.isShort(this.size);
  }

  /** `slice`: of all when undefined. */
  private async sweepPortion(portion: number, slice?: number): Promise<void> {
    const start = portion * SHARDS_OF_PORTION;
    const length = slice === undefined ? SHARDS_OF_PORTION : SHARDS_OF_PORTION / this.options.slices;
    await this.drop(start + (slice ?? 0) * length, length);
    let count = 0;
    for (let at = 0; at < SHARDS_OF_PORTION; at += SHARDS_OF_CALL)
      count += Number(await this.countShards(this.shards(start + at, SHARDS_OF_CALL), []));
    await this.noteCount([this.keys.counts], [portion, count, this.keptSeconds]);
  }

  private async drop(start: number, length: number): Promise<void> {
    // Of a clock that is not believed yet, nothing is over since 1970.
    if (this.options.clock.nowSeconds() < this.keptAfterTime) return;
    for (let at = 0; at < length;) {
      const shards = this.shards(start + at, Math.min(SHARDS_OF_CALL, length - at));
      const cursors = await this.look(shards, '0');
      // Redis had to unpack a shard that is not seen whole.
      for (const [index, first] of cursors.entries())
        for (let cursor = first; cursor !== '0';) [cursor = '0'] = await this.look([shards[index]!], cursor);
      at += cursors.length;
    }
  }

  private shards(start: number, count: number): string[] {
    return Array.from({ length: count }, (_, at) => this.keys.shard(start + at));
  }

  /** Where to look on, for the shards that it came to: at least one. */
  private async look(shards: readonly string[], cursor: string): Promise<string[]> {
    const { window, clock } = this.options;
    const isEarly = window.secondsAt(this.size) < window.timestampSkewSeconds ? 1 : 0;
    const args = [clock.nowSeconds(), this.keptAfterTime, isEarly, this.keptSeconds, cursor];
    return (await this.sweepShards([this.keys.floor, ...shards], args)) as string[];
  }

  /** For so long after its time a nonce may be needed, in seconds. */
  private get keptAfterTime(): number {
    return this.options.window.secondsAt(this.size) + CLOCKS_APART_SECONDS;
  }

  private get keptSeconds(): number {
    return keptSeconds(this.options.window.timestampSkewSeconds);
  }
}
