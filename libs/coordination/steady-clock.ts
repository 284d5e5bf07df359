import type { Clock } from '../protocol/clock.js';

/** Less than this is how clocks are set right. */
const SMALL_STEP_SECONDS = 60;
/** How long a clock may be ahead until somebody sets it right. */
const DOUBT_SECONDS = 3600;

/**
 * A clock for what cannot be undone. When the time is suddenly later than what has passed, it is believed an hour after,
 * and likewise when the process starts; until then it is as if nothing had happened, or 1970.
 */
export class SteadyClock implements Clock {
  /** Of this clock, less the uptime. */
  private offset: number;
  private aheadSince: number | undefined;

  constructor(
    private readonly clock: Clock,
    /** Seconds that have passed since some moment, whatever happens to the clock. */
    private readonly uptimeSeconds: () => number = () => performance.now() / 1000,
  ) {
    this.aheadSince = this.uptimeSeconds();
    this.offset = -this.aheadSince;
  }

  nowSeconds(): number {
    const [now, uptime] = [this.clock.nowSeconds(), this.uptimeSeconds()];
    const isAhead = now - (this.offset + uptime) > SMALL_STEP_SECONDS;
    if (isAhead) this.aheadSince ??= uptime;
    if (isAhead && uptime - this.aheadSince! < DOUBT_SECONDS) return Math.floor(this.offset + uptime);
    [this.offset, this.aheadSince] = [now - uptime, undefined];
    return now;
  }
}
