/** Asked to end, by a signal or by ourselves. */
export interface Stopping {
  /** Resolves with the exit code. */
  requested: Promise<number>;
  isRequested(): boolean;
  stop(exitCode: number): void;
}

/** Collects signals from the very start, so that one that comes during the start is obeyed after it. */
export function onStopSignal(signals: readonly NodeJS.Signals[]): Stopping {
  let isRequested = false;
  let resolveRequested: (exitCode: number) => void = () => undefined;
  const requested = new Promise<number>((resolve) => (resolveRequested = resolve));
  const stop = (exitCode: number): void => {
    isRequested = true;
    resolveRequested(exitCode);
  };
  for (const signal of signals) process.on(signal, () => stop(0));
  return { requested, isRequested: () => isRequested, stop };
}

/** Does the last things and ends the process, within a bound. */
export async function endWith(
  exitCode: number,
  timeoutMs: number,
  close: () => Promise<void>,
): Promise<never> {
  setTimeout(() => process.exit(1), timeoutMs).unref();
  await close();
  return process.exit(exitCode);
}
