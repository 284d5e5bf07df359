/** It did not happen in time; it may still happen later. */
export class TooLateError extends Error {
  override name = 'TooLateError';
}

/**
 * What `promise` gives, or a {@link TooLateError} when it takes longer. What becomes of it then is nobody's concern.
 * (Every post waits so: a timer that is aborted would make an error with its stack each time.)
 */
export function within<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TooLateError(`no answer within ${ms} ms`)), ms);
    promise.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** Whether `promise` came to an end in time, good or bad. */
export async function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return within(ms, settled).catch(() => false);
}
