import { Processor } from '@nestjs/bullmq';
import {
  HousekeepingService,
  type HousekeepingReport,
} from '../../../../libs/community/housekeeping.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { LoggedProcessor } from './logged-processor.js';

@Processor(QUEUES.housekeeping, { concurrency: 1 })
export class HousekeepingProcessor extends LoggedProcessor {
  constructor(private readonly housekeeping: HousekeepingService) {
    super();
  }

  process(): Promise<HousekeepingReport> {
    return this.housekeeping.run();
  }
}
