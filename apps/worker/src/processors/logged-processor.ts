import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';

/** What every processor does with failures: a job's is logged, the connection's is waited out. */
export abstract class LoggedProcessor extends WorkerHost {
  private readonly log = new Logger('worker');

  @OnWorkerEvent('failed')
  onFailed(job: Job | undefined, error: Error): void {
    this.log.error(`${job?.queueName ?? 'a'} job failed: ${error.message}`, error.stack);
  }

  /** Without a listener this would end the process. BullMQ connects again by itself. */
  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.log.warn(`the job queue is not reachable: ${error.message}`);
  }
}
