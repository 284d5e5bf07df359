/** The clocks of the servers may differ by this much. */
export const CLOCKS_APART_MS = 5_000;

/** Tells what this process does from what others do: of all that ever work on one community no two get the same. */
export const freshProcessName = (): string => Math.random().toString(36).slice(2);
