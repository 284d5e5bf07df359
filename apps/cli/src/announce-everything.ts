import { announceChanges } from '../../../libs/community/change-announcer.js';
import { openServerIdentity, type ServerIdentity } from '../../../libs/community/server-identity.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { EVERYTHING } from '../../../libs/protocol/change.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { Database } from '../../../libs/storage/database.js';
import type { BareInstallation } from './transfer-ends.js';

/** Tells servers on this installation that whatever they keep in memory may be out of date. */
export function announceEverything(at: BareInstallation): Promise<void> {
  return withIdentity(at, async (database, identity) => {
    const stop = announceChanges(at.config, { database, identity });
    await database.changed(EVERYTHING);
    await stop();
  });
}

/** Makes a server of an installation that is still empty: its key, and the database that belongs to it. */
export const foundServer = (at: BareInstallation): Promise<void> => withIdentity(at, () => Promise.resolve());

async function withIdentity(
  { config, databaseUrl }: BareInstallation,
  work: (database: Database, identity: ServerIdentity) => Promise<void>,
): Promise<void> {
  const database = new Database({ url: databaseUrl, poolSize: 1, applicationName: 'plaza command' });
  try {
    const crypto = selectCryptoBackend('sodium');
    const { keyFile } = config;
    await work(database, await openServerIdentity({ keyFile, database, crypto, clock: systemClock }));
  } finally {
    await database.close();
  }
}
