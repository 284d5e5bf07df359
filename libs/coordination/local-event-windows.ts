import { systemClock, type Clock } from '../protocol/clock.js';
import { EVENTS_PER_KEY_MAX, EventWindows, type WindowCount } from './event-windows.js';

export interface LocalEventWindowsOptions {
  /** Keys that are kept, and events of all keys together; beyond either the key unused for longest is forgotten. */
  keysMax?: number;
  eventsMax?: number;
  clock?: Clock;
}

const KEYS_MAX_DEFAULT = 100_000;
/** 16 bytes each. */
const EVENTS_MAX_DEFAULT = 2_000_000;
/** Two looks per event free more than an event can take. */
const EXPIRED_LOOKS = 2;

/** Windows of one process, forgotten when it ends. */
export class LocalEventWindows extends EventWindows {
  /** Least recently used first. */
  private readonly windows = new Map<string, Window>();
  /** Goes round and round; what is recorded meanwhile comes at its end. */
  private sweep = this.windows.entries();
  private readonly keysMax: number;
  private readonly eventsMax: number;
  private readonly clock: Clock;
  private eventCount = 0;

  constructor(options: LocalEventWindowsOptions = {}) {
    super();
    this.keysMax = options.keysMax ?? KEYS_MAX_DEFAULT;
    this.eventsMax = options.eventsMax ?? EVENTS_MAX_DEFAULT;
    this.clock = options.clock ?? systemClock;
  }

  /** How many keys are kept. */
  get size(): number {
    return this.windows.size;
  }

  // Nothing in here awaits: parallel calls count one after the other.
  override async record(
    key: string,
    member: string,
    windowSeconds: number,
    eventsMax = Infinity,
  ): Promise<WindowCount> {
    const now = this.clock.nowSeconds();
    this.dropExpired(now);
    const window = this.windows.get(key) ?? new Window();
    const before = window.size;
    window.forgetAfter(now);
    window.forgetUntil(now - windowSeconds);
    const count = window.countWith(member);
    if (window.size < eventsMax) window.add(member, now, now + windowSeconds);
    this.eventCount += window.size - (this.windows.has(key) ? before : 0);
    this.keep(key, window);
    return count;
  }

  private keep(key: string, window: Window): void {
    this.windows.delete(key);
    if (window.size > 0) this.windows.set(key, window);
    for (const [oldest, { size }] of this.windows) {
      if (this.windows.size <= this.keysMax && this.eventCount <= this.eventsMax) return;
      this.eventCount -= size;
      this.windows.delete(oldest);
    }
  }

  private dropExpired(now: number): void {
    for (let look = 0; look < EXPIRED_LOOKS; look++) {
      const { value, done } = this.sweep.next();
      if (done) {
        this.sweep = this.windows.entries();
        return;
      }
      const [key, window] = value;
      if (window.expires > now) continue;
      this.eventCount -= window.size;
      this.windows.delete(key);
    }
  }
}

/** The events of one key, oldest first. */
class Window {
  /** When the last event stops counting. */
  expires = 0;
  private readonly times: number[] = [];
  private readonly members: string[] = [];
  private readonly eventsByMember = new Map<string, number>();

  get size(): number {
    return this.times.length;
  }

  countWith(member: string): WindowCount {
    const others = this.eventsByMember.size - (this.eventsByMember.has(member) ? 1 : 0);
    return {
      events: Math.min(this.times.length + 1, EVENTS_PER_KEY_MAX),
      members: Math.min(others + 1, EVENTS_PER_KEY_MAX),
    };
  }

  add(member: string, time: number, expires: number): void {
    if (this.times.length >= EVENTS_PER_KEY_MAX) this.forgetOldest(1);
    this.times.push(time);
    this.members.push(member);
    this.eventsByMember.set(member, (this.eventsByMember.get(member) ?? 0) + 1);
    this.expires = expires;
  }

  /** All, if the clock was set back: events to come would count for as long as that. */
  forgetAfter(time: number): void {
    if ((this.times.at(-1) ?? time) > time) this.forgetOldest(this.times.length);
  }

  /** Events of that time and before. */
  forgetUntil(time: number): void {
    const kept = this.times.findIndex((each) => each > time);
    this.forgetOldest(kept < 0 ? this.times.length : kept);
  }

  private forgetOldest(count: number): void {
    if (count === 0) return;
    this.times.splice(0, count);
    for (const member of this.members.splice(0, count)) {
      const left = this.eventsByMember.get(member)! - 1;
      if (left > 0) this.eventsByMember.set(member, left);
      else this.eventsByMember.delete(member);
    }
  }
}
