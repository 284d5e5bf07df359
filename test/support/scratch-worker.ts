import type { Type } from '@nestjs/common';
import { join } from 'node:path';
import { openJobs, type JobLocation } from '../../libs/community/open-job-backend.js';
import { openServerIdentity, ServerIdentity } from '../../libs/community/server-identity.js';
import { Config } from '../../libs/config/config.js';
import { loadConfig } from '../../libs/config/load-config.js';
import { LocalEventWindows } from '../../libs/coordination/local-event-windows.js';
import { LocalRateLimiter } from '../../libs/coordination/local-rate-limiter.js';
import { selectCryptoBackend } from '../../libs/crypto/select-backend.js';
import { LongJobs } from '../../libs/jobs/long-jobs.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { Database } from '../../libs/storage/database.js';
import { startWorker, type RunningWorker, type WorkerOptions } from '../../apps/worker/src/worker.js';
import type { QueueProcessor } from '../../apps/worker/src/processors/queue-processor.js';
import type { Community } from './scratch-community.js';

const POOL_SIZE = 6;

/** What a worker of this community needs: its clock and its folder, but connections of the worker's own. */
export function workerOptions(
  { url, folder, clock }: Community,
  redisUrl: string | undefined,
): WorkerOptions {
  const openCommunity = async () => {
    const crypto = selectCryptoBackend('sodium');
    const database = new Database({ url, poolSize: POOL_SIZE, applicationName: 'plaza test worker' });
    const keyFile = join(folder, 'key_x25519');
    const identity = await openServerIdentity({ keyFile, database, crypto, clock });
    const config = new Config({ ...loadConfig({ env: {}, cwd: '/' }).config, redisUrl });
    const blobs = new FolderBlobStore(join(folder, 'files'));
    return {
      config,
      database,
      identity,
      crypto,
      rateLimiter: new LocalRateLimiter(),
      windows: new LocalEventWindows({ clock }),
      blobs,
      clock,
      close: async () => {
        blobs.close();
        await database.close();
      },
    };
  };
  return { databaseUrl: url, redisUrl, openCommunity };
}

/** A worker in this process. Whoever starts it closes it. */
export const scratchWorker = (
  community: Community,
  redisUrl: string | undefined,
  processors?: readonly Type<QueueProcessor>[],
): Promise<RunningWorker> => startWorker(workerOptions(community, redisUrl), processors);

/** The queue of long jobs, as the command line opens it. Whoever opens it closes it. */
export const scratchJobs = (community: Community, redisUrl: string | undefined): LongJobs =>
  new LongJobs(openJobs(jobLocationOf(community, redisUrl)));

export const jobLocationOf = (community: Community, redisUrl: string | undefined): JobLocation => ({
  databaseUrl: community.url,
  redisUrl,
  publicKeyHex: community.service(ServerIdentity).keys.publicKeyHex,
});
