import { Queue, type Job, type JobsOptions, type JobType } from 'bullmq';
import { settlesWithin, within } from '../protocol/bounded-wait.js';
import { UnavailableError } from '../protocol/unavailable-error.js';
import type { JobBackend } from './job-backend.js';
import {
  NO_PROGRESS,
  type LongJobKind,
  type LongJobPayload,
  type LongJobProgress,
} from './long-job-kinds.js';
import { QUEUE_OPTIONS, QUEUES } from './queues.js';

const ANSWER_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 1_000;
const LISTED_MAX = 1_000;
const DAY_SECONDS = 86_400;

/** Half a minute of pauses in all; then the job is dead, until somebody retries it. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 2_000;
const KEPT_DONE = { count: 200, age: 7 * DAY_SECONDS };
const KEPT_DEAD = { count: LISTED_MAX, age: 90 * DAY_SECONDS };

const JOB_OPTIONS: JobsOptions = {
  attempts: ATTEMPTS,
  backoff: { type: 'exponential', delay: FIRST_PAUSE_MS },
  removeOnComplete: KEPT_DONE,
  removeOnFail: KEPT_DEAD,
};

/** Our words for BullMQ's. `delayed`: it failed and waits for its next attempt. `dead`: it failed for good. */
const STATES = {
  running: ['active'],
  waiting: ['waiting', 'prioritized'],
  delayed: ['delayed'],
  dead: ['failed'],
  done: ['completed'],
} as const satisfies Record<string, readonly JobType[]>;
export type LongJobState = keyof typeof STATES;
export const LONG_JOB_STATES = Object.keys(STATES) as LongJobState[];

/** A job as the operator sees it. Times are Unix seconds. */
export interface LongJobRecord {
  id: string;
  kind: string;
  state: LongJobState;
  payload: unknown;
  progress: LongJobProgress;
  attempts: number;
  attemptsMax: number;
  addedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** Why the last attempt failed. */
  reason: string | null;
}

/** Redis or PostgreSQL does not answer, or not in time. */
export class JobsUnavailableError extends UnavailableError {
  constructor(cause: unknown) {
    super(`The job queue is not available: ${(cause as Error).message}`, { cause });
    this.name = 'JobsUnavailableError';
  }
}

/** The queue of long jobs: adding to it, looking at it. Every method throws {@link JobsUnavailableError} in time. */
export class LongJobs {
  private readonly queue: Queue;
  private readonly answerTimeoutMs: number;

  constructor(
    private readonly backend: JobBackend,
    { answerTimeoutMs = ANSWER_TIMEOUT_MS }: { answerTimeoutMs?: number } = {},
  ) {
    this.answerTimeoutMs = answerTimeoutMs;
    this.queue = new Queue(QUEUES.longJobs, {
      connection: backend.connection,
      prefix: backend.prefix,
      ...QUEUE_OPTIONS,
    });
    this.queue.on('error', () => undefined); // whoever asks something is told
  }

  /** `once`: while a job with the same name is not finished, there is no second one. Returns the job's id. */
  async add<Kind extends LongJobKind>(
    kind: Kind,
    payload: LongJobPayload<Kind>,
    { once }: { once?: string } = {},
  ): Promise<string> {
    const options = once === undefined ? JOB_OPTIONS : { ...JOB_OPTIONS, deduplication: { id: once } };
    return (await this.answer(this.queue.add(kind, payload, options))).id!;
  }

  /** The newest first within each state. */
  async list(states: readonly LongJobState[] = LONG_JOB_STATES): Promise<LongJobRecord[]> {
    const listed: LongJobRecord[] = [];
    for (const state of states) {
      const jobs = await this.answer(this.queue.getJobs([...STATES[state]], 0, LISTED_MAX - 1));
      // One that moved on in this moment comes as undefined.
      listed.push(...jobs.filter((job) => job?.id !== undefined).map((job) => recordOf(job, state)));
    }
    return listed;
  }

  async find(id: string): Promise<LongJobRecord | undefined> {
    return (await this.read(id))?.record;
  }

  /** Lets a dead job begin again, from where it is; false when there is no such job. */
  async retry(id: string): Promise<boolean> {
    const job = await this.dead(id);
    if (!job) return false;
    await this.answer(job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }));
    return true;
  }

  /** Forgets a dead job; false when there is no such job. */
  async remove(id: string): Promise<boolean> {
    const job = await this.dead(id);
    if (!job) return false;
    await this.answer(job.remove());
    return true;
  }

  async close(): Promise<void> {
    await settlesWithin(CLOSE_TIMEOUT_MS, this.queue.close());
    // What did not end by itself would go on connecting.
    await settlesWithin(CLOSE_TIMEOUT_MS, this.queue.disconnect());
    await this.backend.close();
  }

  private async dead(id: string): Promise<Job | undefined> {
    const found = await this.read(id);
    return found?.record.state === 'dead' ? found.job : undefined;
  }

  /** First the state, then the rest: of a job that has come to its end, all is there. */
  private async read(id: string): Promise<{ job: Job; record: LongJobRecord } | undefined> {
    const name = (await this.answer(this.queue.getJobState(id))) as JobType;
    const state = LONG_JOB_STATES.find((one) => (STATES[one] as readonly JobType[]).includes(name));
    const job = state && ((await this.answer(this.queue.getJob(id))) as Job | undefined);
    return job && { job, record: recordOf(job, state) };
  }

  private async answer<Result>(asked: Promise<Result>): Promise<Result> {
    try {
      return await within(this.answerTimeoutMs, asked);
    } catch (error) {
      throw new JobsUnavailableError(error);
    }
  }
}

function recordOf(job: Job, state: LongJobState): LongJobRecord {
  const seconds = (ms: number | undefined): number | null => (ms ? ms / 1000 : null);
  return {
    id: job.id!,
    kind: job.name,
    state,
    payload: job.data,
    progress: progressOf(job),
    attempts: job.attemptsMade,
    attemptsMax: job.opts.attempts ?? 1,
    addedAt: job.timestamp / 1000,
    startedAt: seconds(job.processedOn),
    finishedAt: seconds(job.finishedOn),
    reason: job.failedReason || null,
  };
}

/** What a job has told so far. */
export const progressOf = ({ progress }: Job): LongJobProgress =>
  typeof progress === 'object' ? (progress as unknown as LongJobProgress) : NO_PROGRESS;
