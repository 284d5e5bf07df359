import { setTimeout as delay } from 'node:timers/promises';

/** It did not happen in time; it may still happen later. */
export class TooLateError extends Error {
  override name = 'TooLateError';
}

/** What `promise` gives, or a {@link TooLateError} when it takes longer. What becomes of it then is nobody's concern. */
export async function within<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw new TooLateError(`no answer within ${ms} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

/** Whether `promise` came to an end in time, good or bad. */
export async function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return within(ms, settled).catch(() => false);
}
