/** The queues of the worker, one processor each. */
export const QUEUES = {
  /** Forgetting in time: expired files, history, direct messages, activity, retention. */
  housekeeping: 'housekeeping',
  /** Scheduled permissions and bans. */
  schedule: 'schedule',
  /** Looking for bytes without rows. */
  fileSweep: 'file-sweep',
  /** Leaving nothing deleted in the files of the database. */
  erasure: 'erasure',
  /** Telling programs what happened. */
  webhooks: 'webhooks',
  /** What somebody asked for and takes too long to wait for: see {@link LONG_JOBS}. */
  longJobs: 'long-jobs',
} as const;

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];
/** What comes back by itself. */
export type RepeatedQueueName = Exclude<QueueName, typeof QUEUES.longJobs>;

/** How often. */
export const REPEATED: Readonly<Record<RepeatedQueueName, { everyMs: number }>> = {
  housekeeping: { everyMs: 10_000 },
  schedule: { everyMs: 5_000 },
  'file-sweep': { everyMs: 3_600_000 },
  erasure: { everyMs: 3_600_000 },
  webhooks: { everyMs: 5_000 },
};

/** Nobody reads BullMQ's stream of events here, so that it is kept short. */
const EVENTS_KEPT = 100;
export const QUEUE_OPTIONS = { streams: { events: { maxLen: EVENTS_KEPT } } };

/**
 * A job whose worker died is taken up by another one within ten seconds: its lock has to run out, and two checks have
 * to see it so. A worker that is merely held up for longer finds its job done by another, which does no harm.
 */
export const LOCK_TIMES = { lockDuration: 4_000, stalledInterval: 2_000 };
/** Between two attempts to reach the queue. */
export const QUEUE_RETRY_MS = 1_000;
