import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { CommunityModule, type CommunityParts } from '../../../libs/community/community.module.js';
import type { JobBackend } from '../../../libs/jobs/job-backend.js';
import { WorkerSession } from '../../../libs/storage/worker-session.js';
import { ErasureProcessor } from './processors/erasure.processor.js';
import { FileSweepProcessor } from './processors/file-sweep.processor.js';
import { HousekeepingProcessor } from './processors/housekeeping.processor.js';
import { LongJobsProcessor } from './processors/long-jobs.processor.js';
import type { QueueProcessor } from './processors/queue-processor.js';
import { ScheduleProcessor } from './processors/schedule.processor.js';
import { WebhooksProcessor } from './processors/webhooks.processor.js';

/** One per queue. */
export const PROCESSORS = [
  ErasureProcessor,
  FileSweepProcessor,
  HousekeepingProcessor,
  LongJobsProcessor,
  ScheduleProcessor,
  WebhooksProcessor,
];

@Module({})
export class WorkerModule {
  static of(
    community: CommunityParts,
    parts: { backend: JobBackend; session: WorkerSession; processors: readonly Type<QueueProcessor>[] },
  ): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        CommunityModule.of(community),
        BullModule.forRoot({ connection: parts.backend.connection, prefix: parts.backend.prefix }),
        // The worker beneath a processor takes its connection from here.
        BullModule.registerQueue(),
      ],
      providers: [{ provide: WorkerSession, useValue: parts.session }, ...parts.processors],
    };
  }
}
