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

const COUNT = `
local sum = 0
for _, key in ipairs(KEYS) do sum = sum + redis.call('HLEN', key) end
return sum`;

/**
 * Drops from each shard, as far as one look at it goes, what is of an hour that is over; answers for each where to look
 * on ('0': it was seen whole). Arguments: now, for how long after their time nonces are kept,
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
  redis.call('EXPIRE', KEYS[i], ARGV[4])
  answers[i - 1] = page[1]
end
return answers`;

export interface RedisNonceSweepOptions {
  redis: RedisConnection;
  window: NonceWindow;
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
  /** As of the last time; of each portion as it was when it was swept. */
  size = 0;
  private ownTurns = 0;
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
    const args = [this.options.restMs, ++this.ownTurns];
    const [sum, turn] = (await this.takeTurn([counts, rest, turns], args)) as [number, number];
    this.size = sum;
    if (turn < 0) return;
    if (!this.isShort)
      await this.sweepPortion(turn % PORTIONS, Math.floor(turn / PORTIONS) % this.options.slices);
    else
      for (let at = 0; at < PORTIONS_WHEN_SHORT; at++)
        await this.sweepPortion((turn * PORTIONS_WHEN_SHORT + at) % PORTIONS);
  }

  private get isShort(): boolean {
    const { window } = this.options;
    return window.secondsAt(this.size) < window.timestampSkewSeconds;
  }

  /** `slice`: of all when undefined. */
  private async sweepPortion(portion: number, slice?: number): Promise<void> {
    const start = portion * SHARDS_OF_PORTION;
    const length = slice === undefined ? SHARDS_OF_PORTION : SHARDS_OF_PORTION / this.options.slices;
    await this.drop(start + (slice ?? 0) * length, length);
    let count = 0;
    for (const shards of this.calls(start, SHARDS_OF_PORTION, SHARDS_OF_CALL_MAX))
      count += Number(await this.countShards(shards, []));
    await this.noteCount([this.keys.counts, this.keys.turns], [portion, count, this.keptSeconds]);
  }

  private async drop(start: number, length: number): Promise<void> {
    const perShard = 1 + this.size / SHARDS;
    const perCall = Math.max(1, Math.min(SHARDS_OF_CALL_MAX, Math.floor(FIELDS_OF_CALL / perShard)));
    for (const shards of this.calls(start, length, perCall)) {
      const cursors = await this.look(shards, '0');
      // Redis had to unpack a shard that is not seen whole.
      for (const [at, shard] of shards.entries())
        for (let cursor = cursors[at]!; cursor !== '0';) [cursor = '0'] = await this.look([shard], cursor);
    }
  }

  /** The keys of shards, so many for each call. */
  private *calls(start: number, length: number, perCall: number): Iterable<string[]> {
    for (let at = 0; at < length; at += perCall)
      yield Array.from({ length: Math.min(perCall, length - at) }, (_, i) => this.keys.shard(start + at + i));
  }

  /** For each shard where to look on. */
  private async look(shards: readonly string[], cursor: string): Promise<string[]> {
    const { window, clock } = this.options;
    const seconds = window.secondsAt(this.size) + CLOCKS_APART_SECONDS;
    const args = [clock.nowSeconds(), seconds, this.isShort ? 1 : 0, this.keptSeconds, cursor];
    return (await this.sweepShards([this.keys.floor, ...shards], args)) as string[];
  }

  private get keptSeconds(): number {
    return keptSeconds(this.options.window.timestampSkewSeconds);
  }
}
