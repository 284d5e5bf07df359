import { Injectable } from '@nestjs/common';
import type {
  JobRun,
  LongJob,
  LongJobKind,
  LongJobPayload,
  LongJobProgress,
} from '../jobs/long-job-kinds.js';
import { PostCleanupService } from './post-cleanup.service.js';

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

  constructor(cleanup: PostCleanupService) {
    this.handlers = {
      'delete-posts': (payload, run) => cleanup.deletePosts(payload, run),
    };
  }

  run({ kind, payload }: LongJob, run: JobRun): Promise<LongJobProgress> {
    return this.handlers[kind](payload, run);
  }
}
