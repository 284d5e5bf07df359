import { Injectable } from '@nestjs/common';
import type {
  JobRun,
  LongJob,
  LongJobKind,
  LongJobPayload,
  LongJobProgress,
} from '../jobs/long-job-kinds.js';
import { PostCleanupService } from './post-cleanup.service.js';
import { WaveCleanupService } from './wave-cleanup.service.js';

type Handlers = {
  [Kind in LongJobKind]: (payload: LongJobPayload<Kind>, run: JobRun) => Promise<LongJobProgress>;
};

/**
 * Who does which kind of long job. A handler may be interrupted at any point and run again: it works in transactions
 * of bounded size, finds out by itself what is left to do, and looks at `run.signal` before each.
 */
@Injectable()
export class LongJobHandlers {
  private readonly handlers: Handlers;

  constructor(cleanup: PostCleanupService, waves: WaveCleanupService) {
    this.handlers = {
      'delete-posts': (payload, run) => cleanup.deletePosts(payload, run),
      'delete-wave': (payload, run) => waves.deleteWave(payload, run),
    };
  }

  run({ kind, payload }: LongJob, run: JobRun): Promise<LongJobProgress> {
    // A payload belongs to its kind, which the compiler cannot follow through the look-up.
    const handler = this.handlers[kind] as (payload: unknown, run: JobRun) => Promise<LongJobProgress>;
    return handler(payload, run);
  }
}
