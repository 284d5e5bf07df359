import { LongJobHandlers } from '../../libs/community/long-job-handlers.js';
import { openJobs } from '../../libs/community/open-job-backend.js';
import { NO_PROGRESS, parseLongJob } from '../../libs/jobs/long-job-kinds.js';
import { LongJobs } from '../../libs/jobs/long-jobs.js';
import type { Community } from './scratch-community.js';
import { jobLocationOf } from './scratch-worker.js';

/** Does what a worker would do with the long jobs that wait. */
export async function runWaitingJobs(community: Community): Promise<void> {
  const jobs = new LongJobs(openJobs(jobLocationOf(community, undefined)));
  try {
    for (const { id, kind, payload } of await jobs.list(['waiting'])) {
      const run = { key: id, before: NO_PROGRESS, signal: new AbortController().signal };
      const tell = () => Promise.resolve();
      await community.service(LongJobHandlers).run(parseLongJob(kind, payload), { ...run, tell });
    }
  } finally {
    await jobs.close();
  }
}
