import { Processor } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { ErasureService, type ErasureReport } from '../../../../libs/community/erasure.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { WorkerSession } from '../../../../libs/storage/worker-session.js';
import { TASKS } from '../tasks.js';
import { QueueProcessor, WORKER_OPTIONS } from './queue-processor.js';

@Processor(QUEUES.erasure, WORKER_OPTIONS)
export class ErasureProcessor extends QueueProcessor {
  constructor(
    private readonly erasure: ErasureService,
    private readonly session: WorkerSession,
  ) {
    super();
  }

  protected work(_job: Job, signal: AbortSignal): Promise<ErasureReport | undefined> {
    return this.session.alone(TASKS.erasure, () => this.erasure.runWhenDue(signal));
  }
}
