import { Processor } from '@nestjs/bullmq';
import { FileSweepService, type SweepReport } from '../../../../libs/community/file-sweep.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { WorkerSession } from '../../../../libs/storage/worker-session.js';
import { TASKS } from '../tasks.js';
import { QueueProcessor, WORKER_OPTIONS } from './queue-processor.js';

@Processor(QUEUES.fileSweep, WORKER_OPTIONS)
export class FileSweepProcessor extends QueueProcessor {
  constructor(
    private readonly sweep: FileSweepService,
    private readonly session: WorkerSession,
  ) {
    super();
  }

  protected work(): Promise<SweepReport | undefined> {
    return this.session.alone(TASKS.fileSweep, () => this.sweep.run());
  }
}
