import type { CommunityParts } from '../../../libs/community/community.module.js';
import { openFileStore } from '../../../libs/community/file-store.js';
import { openServerIdentity } from '../../../libs/community/server-identity.js';
import type { Config } from '../../../libs/config/config.js';
import { LocalRateLimiter } from '../../../libs/coordination/local-rate-limiter.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { Database } from '../../../libs/storage/database.js';

/** Processors run one job each, so few connections are enough. */
const POOL_SIZE = 3;

/** A community for a worker: its own pool, no matter what else runs in the process. Throws when the database or the file store is away. */
export async function openWorkerCommunity(config: Config, databaseUrl: string): Promise<CommunityParts> {
  const crypto = selectCryptoBackend('sodium');
  const database = new Database({ url: databaseUrl, poolSize: POOL_SIZE, applicationName: 'plaza worker' });
  try {
    const identity = await openServerIdentity({
      keyFile: config.keyFile,
      database,
      crypto,
      clock: systemClock,
    });
    const blobs = await openFileStore(config, { database, identity, clock: systemClock });
    return { config, database, identity, crypto, rateLimiter: new LocalRateLimiter(), blobs };
  } catch (error) {
    await database.close();
    throw error;
  }
}
