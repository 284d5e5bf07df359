import type { CodeCoverage } from './code-coverage.js';
import { quickly } from './fuzz-run.js';

/** What is fuzzed: bytes in, and whatever it throws is a finding. */
export interface Target {
  seeds: readonly Buffer[];
  /** Pieces that mean something in these bytes. */
  words: readonly Buffer[];
  run(bytes: Buffer): void;
}

export interface GuidedRun {
  inputs: number;
  /** Inputs that ran code which none before had run. */
  corpus: Buffer[];
}

/** Asking what ran takes a millisecond, so it is asked for so many inputs together. */
const INPUTS_PER_LOOK = 32;
const INPUT_BYTES_MAX = 4_096;
const INTERESTING = [0, 1, 9, 10, 31, 32, 48, 57, 58, 91, 101, 108, 123, 127, 128, 254, 255];

/**
 * Changes inputs at random and keeps those that run code which did not run before, so that it gets step by step behind
 * conditions that no blind guess meets. Ends after `milliseconds`; the same seed makes the same choices. What `run` throws
 * is thrown on, with the input in it.
 */
export function fuzzGuided(
  target: Target,
  coverage: CodeCoverage,
  { seed, milliseconds }: { seed: number; milliseconds: number },
): GuidedRun {
  const random = randomNumbers(seed);
  const corpus: Buffer[] = [];
  let inputs = 0;
  const run = (bytes: Buffer): void => {
    inputs++;
    try {
      quickly(() => target.run(bytes));
    } catch (error) {
      const shown = bytes.toString('base64');
      throw new Error(`input ${inputs} of seed ${seed}, in base64: ${shown}`, { cause: error });
    }
  };
  const keepIfNew = (bytes: Buffer): void => {
    run(bytes);
    if (coverage.look('remembered')) corpus.push(bytes);
  };
  coverage.look('remembered');
  target.seeds.forEach(keepIfNew);
  for (const until = performance.now() + milliseconds; performance.now() < until;) {
    const batch = Array.from({ length: INPUTS_PER_LOOK }, () => changed(corpus, target.words, random));
    batch.forEach(run);
    // Which of them it was shows when they are run alone.
    if (coverage.look('asked')) batch.forEach(keepIfNew);
  }
  return { inputs, corpus };
}

/** One of the corpus with one to four changes. The newest are chosen more often: they are where the search got to. */
function changed(
  corpus: readonly Buffer[],
  words: readonly Buffer[],
  random: (below: number) => number,
): Buffer {
  const pick = (): Buffer =>
    corpus[random(2) === 0 ? random(corpus.length) : corpus.length - 1 - random(Math.min(8, corpus.length))]!;
  let bytes = Buffer.from(pick());
  for (let change = random(4); change >= 0; change--)
    bytes = Buffer.from(changedOnce(bytes, pick, words, random));
  return bytes.subarray(0, INPUT_BYTES_MAX);
}

function changedOnce(
  bytes: Buffer,
  pick: () => Buffer,
  words: readonly Buffer[],
  random: (below: number) => number,
): Buffer {
  const at = random(bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random(7)) {
    case 0:
      return Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)]);
    case 1:
      return Buffer.concat([
        before,
        Buffer.from([INTERESTING[random(INTERESTING.length)]!]),
        after.subarray(random(2)),
      ]);
    case 2:
      return Buffer.concat([before, after.subarray(random(after.length + 1))]);
    case 3: {
      const copied = bytes.subarray(at, at + random(16));
      return Buffer.concat([before, copied, after]);
    }
    case 4: {
      const other = pick();
      return Buffer.concat([before, other.subarray(random(other.length + 1))]);
    }
    case 5:
      return Buffer.concat([before, Buffer.from([bytes[at]! ^ (1 << random(8))]), after.subarray(1)]);
    default:
      return words.length === 0
        ? bytes
        : Buffer.concat([before, words[random(words.length)]!, after.subarray(random(3))]);
  }
}

/** xorshift32: below a number, the same from the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}
