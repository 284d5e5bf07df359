import { Processor } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { WebhookDeliveryService } from '../../../../libs/community/webhooks/webhook-delivery.service.js';
import { QUEUES } from '../../../../libs/jobs/queues.js';
import { WorkerSession } from '../../../../libs/storage/worker-session.js';
import { TASKS } from '../tasks.js';
import { QueueProcessor, WORKER_OPTIONS } from './queue-processor.js';

/** One worker at a time, so that each webhook is told things in their order. */
@Processor(QUEUES.webhooks, WORKER_OPTIONS)
export class WebhooksProcessor extends QueueProcessor {
  constructor(
    private readonly delivery: WebhookDeliveryService,
    private readonly session: WorkerSession,
  ) {
    super();
  }

  protected async work(_job: Job, signal: AbortSignal): Promise<void> {
    await this.session.alone(TASKS.webhooks, () => this.delivery.run(signal));
  }
}
