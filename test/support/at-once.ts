import { setImmediate as nextTurn } from 'node:timers/promises';

/** What comes of it before the event loop turns: nothing was waited for, however long the machine takes. */
export const atOnce = <Result>(promise: Promise<Result>): Promise<Result | 'not yet'> =>
  Promise.race([promise, nextTurn('not yet' as const)]);
