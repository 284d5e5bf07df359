import { announceChanges } from '../../../libs/community/change-announcer.js';
import { openServerIdentity } from '../../../libs/community/server-identity.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { EVERYTHING } from '../../../libs/protocol/change.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { Database } from '../../../libs/storage/database.js';
import type { BareInstallation } from './transfer-ends.js';

/** Tells servers on this installation that whatever they keep in memory may be out of date. */
export async function announceEverything({ config, databaseUrl }: BareInstallation): Promise<void> {
  const database = new Database({ url: databaseUrl, poolSize: 1, applicationName: 'plaza command' });
  try {
    const crypto = selectCryptoBackend('sodium');
    const { keyFile } = config;
    const identity = await openServerIdentity({ keyFile, database, crypto, clock: systemClock });
    const stop = announceChanges(config, { database, identity });
    await database.changed(EVERYTHING);
    await stop();
  } finally {
    await database.close();
  }
}
