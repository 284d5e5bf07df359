import { Queue } from 'bullmq';
import { settlesWithin, within } from '../../../libs/jobs/bounded-wait.js';
import type { JobBackend } from '../../../libs/jobs/job-backend.js';
import { QUEUES, QUEUE_OPTIONS } from '../../../libs/jobs/queues.js';
import type { Gauge1, Metrics } from '../../../libs/metrics/metrics.js';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
const ANSWER_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 1_000;

/** How many jobs wait, run, are planned and have failed, by queue. */
export class JobDepths {
  private readonly queues: readonly Queue[];

  constructor({ connection, prefix }: JobBackend) {
    const names = Object.values(QUEUES);
    this.queues = names.map((name) => new Queue(name, { connection, prefix, ...QUEUE_OPTIONS }));
    for (const queue of this.queues) queue.on('error', () => undefined); // whoever watches the worker tells
  }

  /** Throws when the queue does not answer in time. */
  async read(): Promise<Gauge1[]> {
    const counts = await within(
      ANSWER_TIMEOUT_MS,
      Promise.all(this.queues.map((queue) => queue.getJobCounts(...STATES))),
    );
    return this.queues.flatMap(({ name }, at) =>
      STATES.map((state) => ({ labels: [name, state], value: counts[at]?.[state] ?? 0 })),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.queues.map((queue) => settlesWithin(CLOSE_TIMEOUT_MS, queue.close())));
  }
}

/** `depths` is undefined while there is no worker. */
export const addJobMetrics = (metrics: Metrics, depths: () => Promise<Gauge1[]> | undefined): void =>
  metrics.gauge({
    name: 'plaza_jobs',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'],
    aggregator: 'max', // every worker sees the same queues
    read: async () => (await depths()) ?? [],
  });
