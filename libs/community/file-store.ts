import type { Config } from '../config/config.js';
import type { Clock } from '../protocol/clock.js';
import type { BlobStore } from '../storage/blob-store.js';
import type { Database } from '../storage/database.js';
import { FileInventoryRepository } from '../storage/file-inventory.repository.js';
import { openBlobStore } from '../storage/open-blob-store.js';
import { claimFileStore } from './file-store-mark.js';
import type { ServerIdentity } from './server-identity.js';

/**
 * For a server or worker: the file store of the settings, found to work and to be this server's own. Throws an
 * OperatorError that says what to do.
 */
export async function openFileStore(
  config: Config,
  { database, identity, clock }: { database: Database; identity: ServerIdentity; clock: Clock },
): Promise<BlobStore> {
  const blobs = openBlobStore(config);
  try {
    await claimFileStore(blobs, {
      inventory: new FileInventoryRepository(database),
      server: identity.keys.publicKeyHex,
      now: clock.nowSeconds(),
    });
    return blobs;
  } catch (error) {
    blobs.close();
    throw error;
  }
}
