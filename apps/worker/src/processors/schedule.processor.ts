import { Processor } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { ScheduledChangesService } from '../../../../libs/community/scheduled-changes.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { QueueProcessor, WORKER_OPTIONS } from './queue-processor.js';

/** Any number of workers at once: each change is taken under a lock of its own. */
@Processor(QUEUES.schedule, WORKER_OPTIONS)
export class ScheduleProcessor extends QueueProcessor {
  constructor(private readonly changes: ScheduledChangesService) {
    super();
  }

  /** Answers how many changes were applied. */
  protected work(_job: Job, signal: AbortSignal): Promise<number> {
    return this.changes.applyDue(signal);
  }
}
