import { randomInt } from 'node:crypto';

/**
 * How much is tried, and when: `npm run test:faults`, with `--long`, `--rounds N` and `--seed N` after `--`, sets
 * these variables. Random moments come from the seed, which is told, so that a run can be repeated.
 */
export const isLong = process.env.FAULTS_LONG === 'true';
export const seed = Number(process.env.FAULTS_SEED ?? randomInt(1, 1_000_000_000));
const rounds = process.env.FAULTS_ROUNDS;

/** Rounds of kills in one constellation. */
export const roundsOr = (short: number, long: number): number =>
  rounds === undefined ? (isLong ? long : short) : Number(rounds);

/** Past Jest, which would put a stack beside every line. */
export const tell = (line: string): void => void process.stdout.write(`faults: ${line}\n`);

/** mulberry32: the same numbers for the same seed. */
export class Moments {
  private state: number;

  /** `name` gives each user of the seed numbers of its own. */
  constructor(name: string, from = seed) {
    this.state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, from | 0);
  }

  /** From `least`, below `most`. */
  between(least: number, most: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return least + (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (most - least);
  }

  oneOf<Choice>(choices: readonly Choice[]): Choice {
    return choices[Math.floor(this.between(0, choices.length))]!;
  }

  /** By weight; what is `undefined` or 0 is never chosen. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let at = this.between(
      0,
      entries.reduce((sum, [, weight]) => sum + weight, 0),
    );
    for (const [name, weight] of entries) if ((at -= weight) < 0) return name;
    return entries[0]![0];
  }
}
