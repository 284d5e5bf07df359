/** The queues of the worker, one processor each. */
export const QUEUES = {
  /** Forgetting in time: expired files, history, direct messages, activity, retention. */
  housekeeping: 'housekeeping',
  /** Scheduled permissions and bans. */
  schedule: 'schedule',
  /** Looking for bytes without rows. */
  fileSweep: 'file-sweep',
} as const;

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

/** What comes back by itself, and how often. */
export const REPEATED: Readonly<Record<QueueName, { everyMs: number }>> = {
  housekeeping: { everyMs: 10_000 },
  schedule: { everyMs: 5_000 },
  'file-sweep': { everyMs: 3_600_000 },
};
