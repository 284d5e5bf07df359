import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { CommunityModule, type CommunityParts } from '../../../libs/community/community.module.js';
import type { JobBackend } from '../../../libs/jobs/job-backend.js';
import { QUEUES } from '../../../libs/jobs/queues.js';
import { FileSweepProcessor } from './processors/file-sweep.processor.js';
import { HousekeepingProcessor } from './processors/housekeeping.processor.js';
import { ScheduleProcessor } from './processors/schedule.processor.js';

const PROCESSORS = [FileSweepProcessor, HousekeepingProcessor, ScheduleProcessor];

/** Kept of failed jobs, for `plaza jobs` to show and retry. */
const FAILED_JOBS_KEPT = 1_000;

@Module({})
export class WorkerModule {
  static of(community: CommunityParts, backend: JobBackend): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        CommunityModule.of(community),
        BullModule.forRoot({
          connection: backend.connection,
          defaultJobOptions: { removeOnComplete: true, removeOnFail: { count: FAILED_JOBS_KEPT } },
        }),
        BullModule.registerQueue(...Object.values(QUEUES).map((name) => ({ name }))),
      ],
      providers: PROCESSORS,
    };
  }
}
