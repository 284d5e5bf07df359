/** What only one worker at a time may do, by the number of its lock (not 0: see WorkerSession). */
export const TASKS = { housekeeping: 1, fileSweep: 2, webhooks: 3, erasure: 4 } as const;
