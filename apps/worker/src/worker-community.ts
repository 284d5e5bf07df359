import { announceChanges } from '../../../libs/community/change-announcer.js';
import type { CommunityParts } from '../../../libs/community/community.module.js';
import { openFileStore } from '../../../libs/community/file-store.js';
import { openServerIdentity } from '../../../libs/community/server-identity.js';
import type { Config } from '../../../libs/config/config.js';
import { LocalEventWindows } from '../../../libs/coordination/local-event-windows.js';
import { KeyFileError, readKeyFile } from '../../../libs/config/key-file.js';
import { LocalRateLimiter } from '../../../libs/coordination/local-rate-limiter.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { Database } from '../../../libs/storage/database.js';
import { requireMigrations } from './worker-checks.js';

/** One for the worker's session, one for each job that may run at the same time. */
const POOL_SIZE = 7;

/** What a worker works on. */
export interface WorkerCommunity extends CommunityParts {
  /** Ends every connection, in a moment. */
  close(): Promise<void>;
}

/** A community for a worker: its own pool, no matter what else runs in the process. Throws when the database or the file store is away. */
export async function openWorkerCommunity(config: Config, databaseUrl: string): Promise<WorkerCommunity> {
  const crypto = selectCryptoBackend('sodium');
  const database = new Database({ url: databaseUrl, poolSize: POOL_SIZE, applicationName: 'plaza worker' });
  try {
    await requireMigrations(database);
    const { keyFile } = config;
    if (!(await readKeyFile(keyFile)))
      throw new KeyFileError(`The key file ${keyFile} is missing: a worker needs that of its server.`);
    const identity = await openServerIdentity({ keyFile, database, crypto, clock: systemClock });
    const blobs = await openFileStore(config, { database, identity, clock: systemClock });
    const stopAnnouncing = announceChanges(config, { database, identity });
    return {
      config,
      database,
      identity,
      crypto,
      rateLimiter: new LocalRateLimiter(),
      windows: new LocalEventWindows(),
      blobs,
      close: async () => {
        blobs.close();
        await stopAnnouncing();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
