import { Injectable } from '@nestjs/common';
import { JobProducer } from '../../jobs/job-producer.js';
import type { LongJobRecord, LongJobState } from '../../jobs/long-jobs.js';
import { Database } from '../../storage/database.js';
import type { Actor } from '../actor.js';
import { ModerationLogService } from '../moderation-log.service.js';

/** Long jobs, for those who look after the server. Throws `JobsUnavailableError` when the queue does not answer. */
@Injectable()
export class JobDeskService {
  constructor(
    private readonly jobs: JobProducer,
    private readonly database: Database,
    private readonly moderationLog: ModerationLogService,
  ) {}

  /** The newest first within each state. */
  list(states?: readonly LongJobState[]): Promise<LongJobRecord[]> {
    return this.jobs.use((jobs) => jobs.list(states));
  }

  find(id: string): Promise<LongJobRecord | undefined> {
    return this.jobs.use((jobs) => jobs.find(id));
  }

  /** Lets a dead job begin again; false when there is no such job. */
  async retry(actor: Actor, id: string): Promise<boolean> {
    const isDone = await this.jobs.use((jobs) => jobs.retry(id));
    if (isDone) await this.log(actor, 'job.retry', id);
    return isDone;
  }

  /** Forgets a dead job; false when there is no such job. */
  async remove(actor: Actor, id: string): Promise<boolean> {
    const isDone = await this.jobs.use((jobs) => jobs.remove(id));
    if (isDone) await this.log(actor, 'job.remove', id);
    return isDone;
  }

  private log(actor: Actor, action: string, job: string): Promise<void> {
    return this.database.transaction((tx) =>
      this.moderationLog.record(tx, actor, { action, detail: { job } }),
    );
  }
}
