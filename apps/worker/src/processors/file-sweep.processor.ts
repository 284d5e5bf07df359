import { Processor } from '@nestjs/bullmq';
import { FileSweepService, type SweepReport } from '../../../../libs/community/file-sweep.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { LoggedProcessor } from './logged-processor.js';

@Processor(QUEUES.fileSweep, { concurrency: 1 })
export class FileSweepProcessor extends LoggedProcessor {
  constructor(private readonly sweep: FileSweepService) {
    super();
  }

  process(): Promise<SweepReport> {
    return this.sweep.run();
  }
}
