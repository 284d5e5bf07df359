import { Processor } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import {
  HousekeepingService,
  type HousekeepingReport,
} from '../../../../libs/community/housekeeping.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { WorkerSession } from '../../../../libs/storage/worker-session.js';
import { TASKS } from '../tasks.js';
import { QueueProcessor, WORKER_OPTIONS } from './queue-processor.js';

/** A run may take longer than its turn, so that the next could begin in another worker: that one then leaves it. */
@Processor(QUEUES.housekeeping, WORKER_OPTIONS)
export class HousekeepingProcessor extends QueueProcessor {
  constructor(
    private readonly housekeeping: HousekeepingService,
    private readonly session: WorkerSession,
  ) {
    super();
  }

  protected work(_job: Job, signal: AbortSignal): Promise<HousekeepingReport | undefined> {
    return this.session.alone(TASKS.housekeeping, () => this.housekeeping.run(signal));
  }
}
