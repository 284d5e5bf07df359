import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Beyond this a machine is no excuse. */
const OVERLOAD_MAX = 3;
const LOOK_EVERY_MS = 100;
const LOOKS_MAX = 1_200;
/** Who is not let run for so long was held up together with everything else, or cannot tell. */
const HELD_UP_MS = 500;

interface Look {
  atMs: number;
  /** Programs that want to run, ourselves left aside. */
  wanting: number;
  /** Processor time so far, and what of it other machines on the same hardware had. */
  total: number;
  stolen: number;
}

const looks: Look[] = [look()];
const looking = setInterval(() => {
  if (looks.push(look()) > LOOKS_MAX) looks.shift();
}, LOOK_EVERY_MS);
afterAll(() => clearInterval(looking));

function look(): Look {
  const [, wanting = 1] = /(\d+)\/\d+/.exec(readFileSync('/proc/loadavg', 'latin1')) ?? [];
  const times = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]!.trim().split(/ +/).slice(1, 9);
  const total = times.reduce((sum, time) => sum + Number(time), 0);
  return { atMs: performance.now(), wanting: Number(wanting) - 1, total, stolen: Number(times[7]) };
}

/**
 * How much longer everything took than on a machine that others do not keep busy: programs that wanted to run for each
 * core, if more than one, since a moment of `performance.now()`. The load of the last minute would tell nothing of a
 * few seconds. It is 1 on a machine that can keep up.
 */
export function overload(sinceMs: number): number {
  const seen = [...looks.filter(({ atMs }) => atMs >= sinceMs), look()];
  const [first, last] = [looks.findLast(({ atMs }) => atMs < sinceMs) ?? seen[0]!, seen.at(-1)!];
  const mean = seen.reduce((sum, { wanting }) => sum + wanting, 0) / seen.length;
  const stolen = (last.stolen - first.stolen) / Math.max(1, last.total - first.total);
  const cores = availableParallelism() * Math.max(1 - stolen, 1 / OVERLOAD_MAX);
  return Math.min(OVERLOAD_MAX, Math.max(1, mean / cores));
}

/** For how long since then nothing could be seen from here. */
export function heldUpMs(sinceMs: number): number {
  const moments = [
    sinceMs,
    ...looks.map(({ atMs }) => atMs).filter((atMs) => atMs > sinceMs),
    performance.now(),
  ];
  return moments.reduce((sum, atMs, at) => {
    const gapMs = at === 0 ? 0 : atMs - moments[at - 1]!;
    return gapMs > HELD_UP_MS ? sum + gapMs : sum;
  }, 0);
}
