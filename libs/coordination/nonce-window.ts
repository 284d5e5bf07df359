export interface NonceWindowOptions {
  /** How far a timestamp may be from now while there is room. */
  timestampSkewSeconds: number;
  entriesMax: number;
}

/** From this share of what a store may hold, timestamps may be so far from now. */
const STEPS = [
  { share: 3 / 4, seconds: 15 * 60 },
  { share: 1 / 2, seconds: 2 * 3600 },
] as const;

/**
 * Which timestamps a store of nonces takes. The fuller it is, the nearer to now they must be, either way: what nobody
 * can send any more need not be remembered, so that a store which fills up makes room for people whose clocks are
 * right (others are told so, and correct theirs) rather than refusing everybody for a day.
 *
 * What was dropped early must not come back when there is room again: a store keeps a floor, before which it takes no
 * timestamp, and raises it before it drops.
 */
export class NonceWindow {
  readonly timestampSkewSeconds: number;
  readonly entriesMax: number;

  constructor({ timestampSkewSeconds, entriesMax }: NonceWindowOptions) {
    this.timestampSkewSeconds = timestampSkewSeconds;
    this.entriesMax = entriesMax;
  }

  /** How far from now, while there are so many nonces. */
  secondsAt(entries: number): number {
    const step = STEPS.find(({ share }) => entries >= share * this.entriesMax);
    return Math.min(step?.seconds ?? Infinity, this.timestampSkewSeconds);
  }

  /** Whether to make room, for what it can do. */
  isShort(entries: number): boolean {
    return entries >= STEPS.at(-1)!.share * this.entriesMax;
  }

  isFull(entries: number): boolean {
    return entries >= this.entriesMax;
  }

  /**
   * The full window is checked by whoever authenticates, just before. Another look at the clock could then refuse what
   * was in time.
   */
  takes(timestampSeconds: number, nowSeconds: number, entries: number): boolean {
    const seconds = this.secondsAt(entries);
    const isWide = seconds === this.timestampSkewSeconds;
    return isWide || Math.abs(timestampSeconds - nowSeconds) <= seconds;
  }
}
