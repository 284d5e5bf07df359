import { setTimeout as delay } from 'node:timers/promises';

/** Many times what it takes, so that a machine that is busy is only slow; below Jest's own limit, which says less. */
const PATIENCE_MS = 50_000;
const POLL_MS = 5;

/** Waits until it is so, and throws with `isSo` as it is written when that takes too long. */
export async function until(isSo: () => unknown, patienceMs = PATIENCE_MS): Promise<void> {
  for (const late = performance.now() + patienceMs; !(await isSo()); await delay(POLL_MS))
    if (performance.now() > late) throw new Error(`it never came to this: ${isSo}`);
}
