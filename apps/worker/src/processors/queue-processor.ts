import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import { DelayedError, WaitingError, type Job } from 'bullmq';
import { LOCK_TIMES, QUEUE_RETRY_MS } from '../../../../libs/jobs/queues.js';
import { Tally } from '../../../../libs/metrics/tally.js';
import { tracedJob } from '../../../../libs/tracing/spans.js';
import { StorageUnavailableError } from '../../../../libs/storage/storage-errors.js';

/** For every worker of a queue. */
export const WORKER_OPTIONS = { ...LOCK_TIMES, concurrency: 1, runRetryDelay: QUEUE_RETRY_MS };

const FINISHED = new Tally(
  'plaza_jobs_finished_total',
  'Runs of jobs that ended here, by queue and outcome: done, failed, or postponed (not their fault)',
  ['queue', 'outcome'],
);

/** What every processor does with failures: a job's is logged, the connection's is waited out. */
export abstract class QueueProcessor extends WorkerHost {
  protected readonly log = new Logger('worker');
  private readonly underWay = new Set<Promise<unknown>>();
  private isStopping = false;

  /** `signal` is aborted when the process is to end: the batch that is under way should be the last. */
  protected abstract work(job: Job, signal: AbortSignal, token: string | undefined): Promise<unknown>;

  /** BullMQ makes a signal for what takes three arguments, which Nest's type does not know. */
  override async process(job: Job, token?: string, signal?: AbortSignal): Promise<unknown> {
    const spanOf = { 'messaging.destination.name': job.queueName, 'plaza.attempt': job.attemptsMade + 1 };
    // BullMQ takes a job that it was waiting for even when it is closing, which may be the one that was just put back.
    const until = this.isStopping ? AbortSignal.abort() : (signal ?? new AbortController().signal);
    const work = tracedJob(`${job.queueName} ${job.name}`, spanOf, () => this.work(job, until, token));
    this.underWay.add(work);
    try {
      const result = await work;
      FINISHED.add(job.queueName, 'done');
      return result;
    } catch (error) {
      FINISHED.add(job.queueName, isPostponed(error) ? 'postponed' : 'failed');
      throw error;
    } finally {
      this.underWay.delete(work);
    }
  }

  /** Asks for no other job, and tells what is under way to end. Resolves when BullMQ's worker has ended. */
  stop(): Promise<void> {
    this.isStopping = true;
    const end = this.worker.close();
    this.worker.cancelAllJobs();
    return end;
  }

  /** When what is under way now has ended, good or bad. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  @OnWorkerEvent('failed')
  onFailed(job: Job | undefined, error: Error): void {
    // That the database is away is told once, by whoever watches the worker.
    if (error instanceof StorageUnavailableError) return;
    this.log.error(`${job?.queueName ?? 'a'} job failed: ${error.message}`, error.stack);
  }

  /** Without a listener this would end the process. BullMQ connects again by itself. */
  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.log.debug(`the job queue: ${error.message}`);
  }
}

/** By which BullMQ is told that a job was put back. */
const isPostponed = (error: unknown): boolean =>
  error instanceof DelayedError || error instanceof WaitingError;
