/** Failures are answered at once up to what this many seconds pay off… */
const FREE_SECONDS = 1;
/** …then later and later, up to this much later; beyond it the budget is spent. */
const DELAY_SECONDS_MAX = 1;

/**
 * What onions that cannot be opened may cost: a debt that grows by a unit per failure (more for long ones) and that
 * time pays off. Kept apart from sockets and timers.
 */
export class FailureBudget {
  private debt = 0;
  private countedAtMs: number;

  /** `unitsPerSecond` 0: no limit. */
  constructor(
    private readonly unitsPerSecond: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.countedAtMs = nowMs();
  }

  charge(units: number): void {
    this.debt = this.count() + units;
  }

  /** What was charged for something that did not fail after all. */
  refund(units: number): void {
    this.debt = Math.max(0, this.count() - units);
  }

  /** How much later a failure is answered, so that who waits for the answer sends no more than is paid off. */
  get delayMs(): number {
    if (this.unitsPerSecond === 0) return 0;
    const seconds = this.count() / this.unitsPerSecond - FREE_SECONDS;
    return Math.max(0, Math.min(seconds, DELAY_SECONDS_MAX)) * 1000;
  }

  get isSpent(): boolean {
    return this.unitsPerSecond > 0 && this.count() > this.unitsPerSecond * (FREE_SECONDS + DELAY_SECONDS_MAX);
  }

  private count(): number {
    const now = this.nowMs();
    const paid = ((now - this.countedAtMs) / 1000) * this.unitsPerSecond;
    this.countedAtMs = now;
    this.debt = Math.max(0, this.debt - paid);
    return this.debt;
  }
}
