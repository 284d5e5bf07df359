import { systemClock, type Clock } from '../protocol/clock.js';
import { EVENTS_PER_KEY_MAX, EventWindows, type WindowCount } from './event-windows.js';
import type { RedisConnection, RedisScript } from './redis-connection.js';
import { TAKE_PLACE } from './redis-place-script.js';
import { CLOCKS_APART_MS, FreshNames } from './other-servers.js';

export interface RedisEventWindowsOptions {
  redis: RedisConnection;
  clock?: Clock;
}

/**
 * Events of a key, as members of a sorted set with their times as scores: a unique part, a colon, who caused it. Redis
 * drops the set when the last of them stops counting. Arguments: now, end of what no longer counts, milliseconds to
 * keep it, events to keep, the unique part, the member.
 */
const RECORD = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local kept = redis.call('ZRANGE', KEYS[1], 0, -1)
local seen, members = { [ARGV[6]] = true }, 1
for _, event in ipairs(kept) do
  local member = string.sub(event, string.find(event, ':', 1, true) + 1)
  if not seen[member] then
    seen[member] = true
    members = members + 1
  end
end
if #kept < tonumber(ARGV[4]) then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[5] .. ':' .. ARGV[6])
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -${EVENTS_PER_KEY_MAX + 1})
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return { #kept + 1, members }`;

/** Windows that all servers of a community count in. */
export class RedisEventWindows extends EventWindows {
  private readonly script: RedisScript;
  private readonly takePlace: RedisScript;
  private readonly keyPrefix: string;
  private readonly clock: Clock;
  private readonly names = new FreshNames();

  constructor({ redis, clock = systemClock }: RedisEventWindowsOptions) {
    super();
    this.script = redis.script('recordEvent', RECORD);
    this.takePlace = redis.script('takePlace', TAKE_PLACE);
    this.keyPrefix = `${redis.keyPrefix}events:`;
    this.clock = clock;
  }

  /** Throws RedisUnavailableError. */
  override async record(
    key: string,
    member: string,
    windowSeconds: number,
    eventsMax: number = EVENTS_PER_KEY_MAX + 1,
  ): Promise<WindowCount> {
    const args = [...this.event(windowSeconds, eventsMax), member];
    const [events, members] = (await this.script([this.keyPrefix + key], args)) as [number, number];
    return {
      events: Math.min(events, EVENTS_PER_KEY_MAX),
      members: Math.min(members, EVENTS_PER_KEY_MAX),
    };
  }

  /** Looks at nothing but how many there are, while `record` reads all. Throws RedisUnavailableError. */
  override async count(key: string, windowSeconds: number, eventsMax: number): Promise<number> {
    return Number(await this.takePlace([this.keyPrefix + key], this.event(windowSeconds, eventsMax)));
  }

  /** What both scripts need to know, ending with a text that no other event has. */
  private event(windowSeconds: number, eventsMax: number): (number | string)[] {
    const now = this.clock.nowSeconds();
    const keepMs = Math.ceil(windowSeconds * 1000) + CLOCKS_APART_MS;
    return [now, now - windowSeconds, keepMs, eventsMax, this.names.next()];
  }
}
