import { setTimeout as delay } from 'node:timers/promises';
import { NOT_THERE_CODES } from '../../../libs/protocol/unavailable-error.js';

const PAUSE_MS = 500;
/** What PostgreSQL says while it is just starting. */
const STARTING = '57P03';

export interface StartWait {
  /** From now on. */
  seconds: number;
  log: { warn(message: string): void };
  /** Told to stop meanwhile: then it waits no longer. */
  isStopping: () => boolean;
}

/**
 * What `connect` gives, tried again while the other side is just not there yet: whole machines start in any order. The
 * last error when it does not come, or at once when it is one that waiting does not mend.
 */
export async function whenThere<Result>(
  name: string,
  { seconds, log, isStopping }: StartWait,
  connect: () => Promise<Result>,
): Promise<Result> {
  const until = performance.now() + seconds * 1000;
  for (let isTold = false; ; isTold = true) {
    try {
      return await connect();
    } catch (error) {
      if (!isPassing(error) || isStopping() || performance.now() + PAUSE_MS > until) throw error;
      if (!isTold) log.warn(`${name} is not there yet; waiting for it, ${seconds} s at most`);
    }
    await delay(PAUSE_MS);
  }
}

/** Anything else does not pass by itself. Of several addresses behind one name it is enough that one may come. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && (NOT_THERE_CODES.has(code) || code === STARTING)) return true;
  return isPassing(error.cause) || (error instanceof AggregateError && error.errors.some(isPassing));
}
