import { Processor } from '@nestjs/bullmq';
import { ScheduledChangesService } from '../../../../libs/community/scheduled-changes.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { LoggedProcessor } from './logged-processor.js';

@Processor(QUEUES.schedule, { concurrency: 1 })
export class ScheduleProcessor extends LoggedProcessor {
  constructor(private readonly changes: ScheduledChangesService) {
    super();
  }

  /** Answers how many changes were applied. */
  process(): Promise<number> {
    return this.changes.applyDue();
  }
}
