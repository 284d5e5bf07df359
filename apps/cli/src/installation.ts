import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { announceChanges } from '../../../libs/community/change-announcer.js';
import type { Actor } from '../../../libs/community/actor.js';
import { CommunityModule } from '../../../libs/community/community.module.js';
import { openServerIdentity, ServerIdentity } from '../../../libs/community/server-identity.js';
import { loadConfig } from '../../../libs/config/load-config.js';
import type { Config } from '../../../libs/config/config.js';
import { LocalEventWindows } from '../../../libs/coordination/local-event-windows.js';
import { LocalRateLimiter } from '../../../libs/coordination/local-rate-limiter.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import type { BlobStore } from '../../../libs/storage/blob-store.js';
import { Database } from '../../../libs/storage/database.js';
import { MIGRATIONS_FOLDER } from '../../../libs/storage/database-server.js';
import { refuseOtherVersion } from '../../../libs/storage/migrations.js';
import { openBlobStore } from '../../../libs/storage/open-blob-store.js';
import { bringUpToDate, placeOfCommunity, reachCommunity } from './reach-community.js';

const POOL_SIZE = 2;

/** The community that a command works on. */
export interface Installation {
  config: Config;
  identity: ServerIdentity;
  /** The operator, for the moderation log. */
  operator: Actor;
  /** Of the settings; connected when it is first used. */
  blobs: BlobStore;
  get: INestApplicationContext['get'];
  /** Connection string of its database. */
  databaseUrl: string;
}

/** Reads the settings, and tells about suspicious ones. */
export function configOrWarn(): Config {
  const { config, warnings } = loadConfig();
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return config;
}

/**
 * Opens the installation that the settings name, whether its server runs or not (then its database runs for as long
 * as `work` does), and closes what it opened. Throws where no community is, unless the command may begin one.
 */
export async function withInstallation<Result>(
  work: (installation: Installation) => Promise<Result>,
  { mayBegin = false } = {},
): Promise<Result> {
  const config = configOrWarn();
  const { server, isNew } = await reachCommunity(config, { mayBegin });
  try {
    if (isNew) process.stderr.write(`A new community begins in ${placeOfCommunity(config)}.\n`);
    // A running server has brought its database up to date itself.
    if (server.kind === 'running') await refuseOtherVersion(server.url, MIGRATIONS_FOLDER);
    else await bringUpToDate(server);
    const database = new Database({ url: server.url, poolSize: POOL_SIZE, applicationName: 'plaza command' });
    const blobs = openBlobStore(config); // untouched by most commands
    try {
      return await withContext({ config, database, blobs }, work);
    } finally {
      blobs.close();
      await database.close();
    }
  } finally {
    await server.stop();
  }
}

async function withContext<Result>(
  { config, database, blobs }: { config: Config; database: Database; blobs: BlobStore },
  work: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const crypto = selectCryptoBackend('sodium');
  const identity = await openServerIdentity({
    keyFile: config.keyFile,
    database,
    crypto,
    clock: systemClock,
  });
  const stopAnnouncing = announceChanges(config, { database, identity });
  const module = CommunityModule.of({
    config,
    database,
    identity,
    crypto,
    rateLimiter: new LocalRateLimiter(),
    windows: new LocalEventWindows(),
    blobs,
  });
  const context = await NestFactory.createApplicationContext(module, {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  try {
    return await work({
      config,
      identity,
      blobs,
      operator: { userId: identity.userId, via: 'command-line' },
      get: context.get.bind(context) as INestApplicationContext['get'],
      databaseUrl: database.url,
    });
  } finally {
    await context.close();
    await stopAnnouncing();
  }
}
