import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { LongJobKind, LongJobPayload } from './long-job-kinds.js';
import type { LongJobs } from './long-jobs.js';

/**
 * Adds long jobs from wherever something is served, after the transaction that they follow from. The queue is opened
 * when it is first needed. It never fails and never takes long: with the queue away, the job is not added.
 */
export class JobProducer implements OnApplicationShutdown {
  private readonly log = new Logger('jobs');
  private opened: LongJobs | undefined;

  constructor(private readonly open: () => LongJobs) {}

  /**
   * The job's id; undefined when it could not be added, which is logged. `once`: while a job with the same name is not
   * finished, there is no second one.
   */
  async add<Kind extends LongJobKind>(
    kind: Kind,
    payload: LongJobPayload<Kind>,
    options: { once?: string } = {},
  ): Promise<string | undefined> {
    const jobs = (this.opened ??= this.open());
    try {
      return await jobs.add(kind, payload, options);
    } catch (error) {
      this.log.error(`a job (${kind}) could not be added: ${(error as Error).message}`);
      this.forget(jobs);
      return undefined;
    }
  }

  /** For whoever looks at the queue. Throws `JobsUnavailableError`. */
  async use<Result>(work: (jobs: LongJobs) => Promise<Result>): Promise<Result> {
    const jobs = (this.opened ??= this.open());
    try {
      return await work(jobs);
    } catch (error) {
      this.forget(jobs);
      throw error;
    }
  }

  /** The next one gets a fresh connection: this one may remember that it failed. */
  private forget(jobs: LongJobs): void {
    if (this.opened !== jobs) return;
    this.opened = undefined;
    void jobs.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.opened?.close();
  }
}
