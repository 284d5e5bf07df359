import { Queue } from 'bullmq';
import { settlesWithin, within } from '../../../libs/protocol/bounded-wait.js';
import type { JobBackend } from '../../../libs/jobs/job-backend.js';
import { QUEUES, QUEUE_OPTIONS } from '../../../libs/jobs/queues.js';
import type { Gauge1 } from '../../../libs/metrics/metrics.js';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
const ANSWER_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 1_000;

/** How many jobs wait, run, are planned and have failed, by queue. */
export class JobDepths {
  private opened: readonly Queue[] | undefined;

  constructor(private readonly backend: JobBackend) {}

  /** Throws when the queue does not answer in time. */
  async read(): Promise<Gauge1[]> {
    const queues = (this.opened ??= this.open());
    const counts = await within(
      ANSWER_TIMEOUT_MS,
      Promise.all(queues.map((queue) => queue.getJobCounts(...STATES))),
    );
    return queues.flatMap(({ name }, at) =>
      STATES.map((state) => ({ labels: [name, state], value: counts[at]?.[state] ?? 0 })),
    );
  }

  async close(): Promise<void> {
    const queues = this.opened ?? [];
    await Promise.all(queues.map((queue) => settlesWithin(CLOSE_TIMEOUT_MS, queue.close())));
  }

  /** Not before somebody asks: most servers have no METRICS_PORT. */
  private open(): Queue[] {
    const { connection, prefix } = this.backend;
    const queues = Object.values(QUEUES).map(
      (name) => new Queue(name, { connection, prefix, ...QUEUE_OPTIONS }),
    );
    for (const queue of queues) queue.on('error', () => undefined); // whoever watches the worker tells
    return queues;
  }
}
