import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface NonceWindowOptions {
  folder: string;
  /** How far a timestamp may be from now while there is room. */
  timestampSkewSeconds: number;
  entriesMax: number;
}

/** From this share of what a store may hold, timestamps may be so far from now. */
const STEPS = [
  { share: 3 / 4, seconds: 15 * 60 },
  { share: 1 / 2, seconds: 2 * 3600 },
] as const;
const FLOOR_FILE = 'oldest-accepted';

/**
 * Which timestamps a store of nonces takes. The fuller it is, the nearer to now they must be, either way: what nobody
 * can send any more need not be remembered, so that a store which fills up makes room for people whose clocks are
 * right (others are told so, and correct theirs) rather than refusing everybody for a day.
 *
 * What was dropped early must not come back when there is room again: the floor, before which no timestamp is taken, is
 * on disk before that is dropped.
 */
export class NonceWindow {
  private floor: number;

  constructor(private readonly options: NonceWindowOptions) {
    this.floor = readFloor(this.path);
  }

  /** How far from now, while there are so many nonces. */
  secondsAt(entries: number): number {
    const { entriesMax, timestampSkewSeconds } = this.options;
    const step = STEPS.find(({ share }) => entries >= share * entriesMax);
    return Math.min(step?.seconds ?? Infinity, timestampSkewSeconds);
  }

  /**
   * The full window is checked by whoever authenticates, just before. Another look at the clock could then refuse what
   * was in time.
   */
  takes(timestampSeconds: number, nowSeconds: number, entries: number): boolean {
    if (timestampSeconds < this.floor) return false;
    const seconds = this.secondsAt(entries);
    const isFull = seconds === this.options.timestampSkewSeconds;
    return isFull || Math.abs(timestampSeconds - nowSeconds) <= seconds;
  }

  /** False when it cannot be written (the disk is full): nothing may be dropped then. */
  raiseFloor(seconds: number): boolean {
    if (seconds <= this.floor) return true;
    try {
      writeFileSync(`${this.path}.new`, `${seconds}\n`, { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
    } catch {
      return false;
    }
    this.floor = seconds;
    return true;
  }

  private get path(): string {
    return join(this.options.folder, FLOOR_FILE);
  }
}

function readFloor(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) || 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
