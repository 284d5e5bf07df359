import type { Clock } from '../protocol/clock.js';
import type { NonceWindow } from './nonce-window.js';
import type { RedisConnection, RedisScript } from './redis-connection.js';
import {
  CLOCKS_APART_SECONDS,
  HOUR,
  HOURS_TOLD_APART,
  keptSeconds,
  NonceKeys,
  SHARDS,
} from './redis-nonce-places.js';

const PORTIONS = 16;
const SHARDS_OF_PORTION = SHARDS / PORTIONS;
/** Fields that one call of the script looks at, more or less: some 2 ms, during which Redis does nothing else. */
const FIELDS_OF_CALL = 4096;
const SHARDS_OF_CALL_MAX = 256;
/** Where room is short, so that it is known soon how much there is. */
const PORTIONS_WHEN_SHORT = 2;

/**
 * How many nonces there are in all, and which turn this is, or -1 when it was somebody's a moment ago: however many
 * servers there are, Redis has the same work. Arguments: milliseconds until the next turn, and which one this is where
 * Redis is so full that it does not count it; room is what it needs then.
 */
const TAKE_TURN = `
local sum = 0
for _, count in ipairs(redis.call('HVALS', KEYS[1])) do sum = sum + count end
if not redis.pcall('SET', KEYS[2], '', 'NX', 'PX', ARGV[1]) then return {sum, -1} end
local turn = redis.pcall('INCR', KEYS[3])
return {sum, type(turn) == 'number' and turn or tonumber(ARGV[2])}`;

const NOTE_COUNT = `
redis.pcall('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])`;

/**
 * Drops from each shard, as far as one look at it goes, what is of an hour that is over; answers for each where to look
 * on ('0': it was seen whole), and how many are left. Arguments: now, for how long after their time nonces are kept,
 * whether that is less than others may accept, for how long the keys are kept, where to look on.
 * Of two clocks the one that is behind is believed: what is dropped cannot be had back when the other is set right.
 */
const SWEEP = `
local now = math.min(tonumber(ARGV[1]), tonumber(redis.call('TIME')[1]))
local first = math.floor((now - tonumber(ARGV[2])) / ${HOUR})
if ARGV[3] == '1' and first > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], first, 'EX', ARGV[4])
end
local answers = {}
for i = 2, #KEYS do
  local page = redis.call('HSCAN', KEYS[i], ARGV[5], 'COUNT', 512)
  local over = {}
  for at = 2, #page[2], 2 do
    local age = (first - tonumber(page[2][at])) % ${HOURS_TOLD_APART}
    if age > 0 and age < ${HOURS_TOLD_APART / 2} then over[#over + 1] = page[2][at - 1] end
    if #over == 1024 or at == #page[2] and #over > 0 then
      redis.call('HDEL', KEYS[i], unpack(over))
      over = {}
    end
  end
  local left = redis.call('HLEN', KEYS[i])
  if left > 0 then redis.call('EXPIRE', KEYS[i], ARGV[4]) end
  answers[#answers + 1] = page[1]
  answers[#answers + 1] = left
end
return answers`;

export interface RedisNonceSweepOptions {
  redis: RedisConnection;
  window: NonceWindow;
  clock: Clock;
  /** For which nobody sweeps after somebody did. */
  restMs: number;
}

/** Drops the nonces in Redis whose time is over, a portion at a time, and counts the others. */
export class RedisNonceSweep {
  /** As of the last time; of each portion as it was when it was swept. */
  size = 0;
  private ownTurns = 0;
  private readonly keys: NonceKeys;
  private readonly takeTurn: RedisScript;
  private readonly noteCount: RedisScript;
  private readonly sweepShards: RedisScript;

  constructor(private readonly options: RedisNonceSweepOptions) {
    const { redis } = options;
    this.keys = new NonceKeys(redis.keyPrefix);
    this.takeTurn = redis.script('takeNonceTurn', TAKE_TURN);
    this.noteCount = redis.script('noteNonceCount', NOTE_COUNT);
    this.sweepShards = redis.script('sweepNonces', SWEEP);
  }

  /** If it is time, the next portion, or some where room is short. Throws RedisUnavailableError. */
  async sweep(): Promise<void> {
    const { counts, rest, turns } = this.keys;
    const args = [this.options.restMs, ++this.ownTurns];
    const [sum, turn] = (await this.takeTurn([counts, rest, turns], args)) as [number, number];
    this.size = sum;
    if (turn < 0) return;
    const portions = this.isShort ? PORTIONS_WHEN_SHORT : 1;
    for (let at = 0; at < portions; at++) await this.sweepPortion((turn * portions + at) % PORTIONS);
  }

  private get isShort(): boolean {
    const { window } = this.options;
    return window.secondsAt(this.size) < window.timestampSkewSeconds;
  }

  private async sweepPortion(portion: number): Promise<void> {
    const left = await this.sweepFrom(portion * SHARDS_OF_PORTION, (portion + 1) * SHARDS_OF_PORTION);
    await this.noteCount([this.keys.counts, this.keys.turns], [portion, left, this.keptSeconds]);
  }

  /** How many are left in these shards. */
  private async sweepFrom(start: number, end: number): Promise<number> {
    const perShard = 1 + this.size / SHARDS;
    const step = Math.max(1, Math.min(SHARDS_OF_CALL_MAX, Math.floor(FIELDS_OF_CALL / perShard)));
    let left = 0;
    for (let at = start; at < end; at += step) {
      const shards = Array.from({ length: Math.min(step, end - at) }, (_, i) => this.keys.shard(at + i));
      const seen = await this.look(shards, '0');
      for (const [index, { cursor, count }] of seen.entries())
        left += cursor === '0' ? count : await this.sweepRest(shards[index]!, cursor);
    }
    return left;
  }

  /** Of a shard that Redis had to unpack. */
  private async sweepRest(shard: string, from: string): Promise<number> {
    for (let cursor = from; ;) {
      const [seen] = await this.look([shard], cursor);
      if (seen!.cursor === '0') return seen!.count;
      cursor = seen!.cursor;
    }
  }

  private async look(
    shards: readonly string[],
    cursor: string,
  ): Promise<readonly { cursor: string; count: number }[]> {
    const { window, clock } = this.options;
    const seconds = window.secondsAt(this.size) + CLOCKS_APART_SECONDS;
    const isEarly = this.isShort ? 1 : 0;
    const args = [clock.nowSeconds(), seconds, isEarly, this.keptSeconds, cursor];
    const answers = (await this.sweepShards([this.keys.floor, ...shards], args)) as (string | number)[];
    return shards.map((_, at) => ({ cursor: String(answers[2 * at]), count: Number(answers[2 * at + 1]) }));
  }

  private get keptSeconds(): number {
    return keptSeconds(this.options.window.timestampSkewSeconds);
  }
}
