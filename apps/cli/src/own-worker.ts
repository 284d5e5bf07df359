import { LongJobsProcessor } from '../../worker/src/processors/long-jobs.processor.js';
import { startWorker } from '../../worker/src/worker.js';
import { openWorkerCommunity } from '../../worker/src/worker-community.js';
import type { Installation } from './installation.js';

/** Does long jobs in this process for as long as `work` takes: for a command that has no worker to leave them to. */
export async function withOwnWorker<Result>(
  { config, databaseUrl }: Installation,
  work: () => Promise<Result>,
): Promise<Result> {
  const openCommunity = () => openWorkerCommunity(config, databaseUrl);
  const options = { databaseUrl, redisUrl: config.redisUrl, openCommunity, isPassing: true };
  const worker = await startWorker(options, [LongJobsProcessor]);
  try {
    return await work();
  } finally {
    await worker.close();
  }
}
