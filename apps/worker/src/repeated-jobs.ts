import { Queue } from 'bullmq';
import { settlesWithin, TooLateError, within } from '../../../libs/protocol/bounded-wait.js';
import type { JobBackend } from '../../../libs/jobs/job-backend.js';
import { QUEUE_OPTIONS, REPEATED, type RepeatedQueueName } from '../../../libs/jobs/queues.js';

const ANSWER_TIMEOUT_MS = 3_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** A plan whose next turn is so long past was lost half-way. */
const OVERDUE_MS = 60_000;
/** One whose next turn is further away than it comes back was made before the clock was set back. */
const EARLY_MS = 10_000;
/** What comes again in seconds need not be kept when it fails; the log has it. */
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true };

/** The plan of what comes back by itself: the same from every worker, so that BullMQ keeps one of each. */
export class RepeatedJobs {
  private readonly queues: readonly { name: RepeatedQueueName; queue: Queue }[];
  private planned = false;
  private keeping: Promise<void> | undefined;
  /** Redis is asked in silence, but why there is no connection to it comes as an event. */
  private lastError: Error | undefined;

  constructor({ connection, prefix }: JobBackend) {
    const names = Object.keys(REPEATED) as RepeatedQueueName[];
    this.queues = names.map((name) => ({
      name,
      queue: new Queue(name, { connection, prefix, ...QUEUE_OPTIONS }),
    }));
    for (const { queue } of this.queues) queue.on('error', (error) => (this.lastError = error));
  }

  /**
   * Makes sure that everything is planned, also after a Redis came back empty. Throws when the queue does not answer
   * in time; then it is not asked again before it has.
   */
  async keep(): Promise<void> {
    this.keeping ??= this.plan().finally(() => (this.keeping = undefined));
    await within(ANSWER_TIMEOUT_MS, this.keeping).catch((error: Error) => {
      if (error instanceof TooLateError) error.cause = this.lastError;
      throw error;
    });
    this.lastError = undefined;
  }

  async close(): Promise<void> {
    await Promise.all(this.queues.map(({ queue }) => settlesWithin(CLOSE_TIMEOUT_MS, queue.close())));
  }

  private async plan(): Promise<void> {
    for (const { name, queue } of this.queues) {
      const standing = await queue.getJobScheduler(name);
      const [next, now, { everyMs }] = [standing?.next ?? 0, Date.now(), REPEATED[name]];
      const isFarAhead = next > now + everyMs + EARLY_MS;
      if (this.planned && next >= now - OVERDUE_MS && !isFarAhead) continue;
      if (isFarAhead) await queue.removeJobScheduler(name);
      try {
        await queue.upsertJobScheduler(name, { every: everyMs }, { name, opts: JOB_OPTIONS });
      } catch (error) {
        // Both its next turns are being worked on: a plan there is, and not overdue.
        if (!standing) throw error;
      }
    }
    this.planned = true;
  }
}
