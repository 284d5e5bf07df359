import { randomInt } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc, { type Arbitrary } from 'fast-check';

/** The same seed makes the same inputs; a failed test tells its own (`FUZZ_SEED=… npm run test:fuzz`). */
export const FUZZ_SEED = Number(process.env['FUZZ_SEED'] || randomInt(2 ** 31));
/** How much longer than the short form it runs. */
export const FUZZ_SCALE = Number(process.env['FUZZ_SCALE'] || 1);

/** What one input may cost, in CPU time. */
const INPUT_MS_MAX = 100;
/** The inputs of a property are looked at one by one for that; a machine that is busy gets another chance. */
const ATTEMPTS = 6;

/** A machine that has much else to do makes fewer of them. */
const PROPERTY_MS_MAX = 15_000;

const parametersOf = (runs: number) => ({
  seed: FUZZ_SEED,
  numRuns: runs * FUZZ_SCALE,
  interruptAfterTimeLimit: PROPERTY_MS_MAX * FUZZ_SCALE,
});

/** Hands hostile inputs to `run`, which throws what must not be. Fails for what takes longer than 100 ms, too. */
export function fuzz<Input>(inputs: Arbitrary<Input>, runs: number, run: (input: Input) => void): void {
  fc.assert(
    fc.property(inputs, (input) => quickly(() => run(input))),
    parametersOf(runs),
  );
}

/** The same for what is asynchronous. */
export async function fuzzLater<Input>(
  inputs: Arbitrary<Input>,
  runs: number,
  run: (input: Input) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(inputs, (input) => quicklyLater(() => run(input))),
    parametersOf(runs),
  );
}

/** Throws when it takes longer than 100 ms each time, by the clock and by the CPU. */
export function quickly(run: () => void): void {
  let took = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const spent = stopwatch();
    run();
    took = spent();
    if (took <= INPUT_MS_MAX) return;
  }
  throw tooSlow(took);
}

async function quicklyLater(run: () => Promise<void>): Promise<void> {
  let took = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const spent = stopwatch();
    await run();
    took = spent();
    if (took <= INPUT_MS_MAX) return;
  }
  throw tooSlow(took);
}

/** Milliseconds: the less of the clock's and the CPU's, since the process has other threads and the machine other work. */
function stopwatch(): () => number {
  const [clock, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const byClock = performance.now() - clock;
    if (byClock <= INPUT_MS_MAX) return byClock;
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(byClock, (user + system) / 1000);
  };
}

const tooSlow = (took: number): Error => new Error(`one input takes ${Math.round(took)} ms of CPU time`);

/** Bytes in use after everything that nobody needs was let go of: heap, and buffers beside it. */
export async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  for (let turn = 0; turn < 3; turn++) {
    (runInNewContext('gc') as () => void)();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const MIB = 1024 * 1024;
const GROWTH_MIB_MAX = 8;

/** Fails when the same inputs, given again and again, leave more and more behind. */
export async function expectNoGrowth<Input>(
  inputs: Arbitrary<Input>,
  { count, rounds }: { count: number; rounds: number },
  run: (input: Input) => unknown,
): Promise<void> {
  const samples = fc.sample(inputs, { seed: FUZZ_SEED, numRuns: count });
  const round = async (): Promise<void> => {
    for (const input of samples) await run(input);
  };
  // What is remembered on purpose has its bound, which the first rounds reach.
  await round();
  await round();
  const before = await memoryInUse();
  for (let turn = 0; turn < rounds * FUZZ_SCALE; turn++) await round();
  const grownMib = ((await memoryInUse()) - before) / MIB;
  if (grownMib > GROWTH_MIB_MAX)
    throw new Error(
      `${Math.round(grownMib)} MiB more after ${rounds * FUZZ_SCALE} rounds of ${count} inputs`,
    );
}
