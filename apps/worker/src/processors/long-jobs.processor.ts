import { Processor } from '@nestjs/bullmq';
import { DelayedError, UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { LongJobHandlers } from '../../../../libs/community/long-job-handlers.js';
import { settlesWithin } from '../../../../libs/protocol/bounded-wait.js';
import {
  JobInterruptedError,
  JobRefusedError,
  parseLongJob,
  type JobRun,
  type LongJobProgress,
} from '../../../../libs/jobs/long-job-kinds.js';
import { progressOf } from '../../../../libs/jobs/long-jobs.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { StorageUnavailableError } from '../../../../libs/storage/storage-errors.js';
import { QueueProcessor, WORKER_OPTIONS } from './queue-processor.js';

/** So that a long one does not hold up all others. */
const AT_ONCE = 2;
/** A job whose worker dies this often is taken for the reason. */
const DEATHS_MAX = 5;
const DATABASE_AWAY_PAUSE_MS = 5_000;
const TELL_TIMEOUT_MS = 1_000;

@Processor(QUEUES.longJobs, { ...WORKER_OPTIONS, concurrency: AT_ONCE, maxStalledCount: DEATHS_MAX })
export class LongJobsProcessor extends QueueProcessor {
  constructor(private readonly handlers: LongJobHandlers) {
    super();
  }

  protected async work(job: Job, signal: AbortSignal, token: string | undefined): Promise<LongJobProgress> {
    try {
      return await this.handlers.run(parseLongJob(job.name, job.data), runOf(job, signal));
    } catch (error) {
      if (error instanceof JobRefusedError) throw new UnrecoverableError(error.message);
      // Neither of these is the job's fault, so that they are no attempts of it.
      if (error instanceof JobInterruptedError) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (error instanceof StorageUnavailableError) {
        await job.moveToDelayed(Date.now() + DATABASE_AWAY_PAUSE_MS, token);
        throw new DelayedError();
      }
      throw error;
    }
  }
}

const runOf = (job: Job, signal: AbortSignal): JobRun => ({
  key: `${job.id}-${job.timestamp}`,
  before: progressOf(job),
  signal,
  // The work counts, not the telling: it must neither fail nor wait because the queue is away for a moment.
  tell: async (progress) => void (await settlesWithin(TELL_TIMEOUT_MS, job.updateProgress({ ...progress }))),
});
