import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Authenticator } from '../../../libs/auth/authenticator.js';
import { ActivityRecorder } from '../../../libs/community/activity-recorder.js';
import { openFileStore } from '../../../libs/community/file-store.js';
import { ReadModels } from '../../../libs/community/read-models/read-models.js';
import { UserModels } from '../../../libs/community/read-models/user-models.js';
import { openServerIdentity, type ServerIdentity } from '../../../libs/community/server-identity.js';
import type { Config } from '../../../libs/config/config.js';
import { projectRoot } from '../../../libs/config/project-root.js';
import { LocalNonceStore } from '../../../libs/coordination/local-nonce-store.js';
import { LocalEventWindows } from '../../../libs/coordination/local-event-windows.js';
import { LocalRateLimiter } from '../../../libs/coordination/local-rate-limiter.js';
import type { NonceStore } from '../../../libs/coordination/nonce-store.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { NestLogger } from '../../../libs/logging/logging.js';
import { OnionGateway } from '../../../libs/onion-gateway/onion-gateway.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { Database } from '../../../libs/storage/database.js';
import {
  MIGRATIONS_FOLDER,
  startDatabaseServer,
  type DatabaseServer,
} from '../../../libs/storage/database-server.js';
import { migrate, MigrationError } from '../../../libs/storage/migrations.js';
import { SoleServerLock } from '../../../libs/storage/sole-server-lock.js';
import { WorkerInside } from './worker-inside.js';
import { ApiModule, HANDLERS } from './api.module.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { RoomGate } from './dispatch/room-gate.js';
import type { Handler } from './dispatch/route.js';
import { RouteTable } from './dispatch/route-table.js';
import { addApiDocs } from './http/api-docs.js';
import { makeHttpServer } from './http/http-server.js';
import { addPages } from './http/pages/page-endpoints.js';
import { PagesService } from './http/pages/pages.service.js';
import { addProtocolEndpoints } from './http/protocol-endpoints.js';
import { logRequests } from './http/request-log.js';
import { openApiDocument } from './openapi/openapi-document.js';
import { OperatorError } from '../../../libs/protocol/operator-error.js';

const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  version: string;
};
const DROP_NONCES_EVERY_MS = 5 * 60_000;
const crypto = selectCryptoBackend('sodium');

/** A running server. */
export interface RunningServer {
  app: NestFastifyApplication;
  identity: ServerIdentity;
  database: DatabaseServer;
  /** The port it listens on, also when the configuration said "any". */
  port: number;
  /** Finishes what is under way, then stops everything that {@link startServer} started. */
  close(): Promise<void>;
}

/** The start is refused; the text says why and what to do. */
export class StartRefusedError extends OperatorError {
  override name = 'StartRefusedError';
}

type Closer = () => Promise<void> | void;

/**
 * Database, migrations, key, files, application, port: in this order. What was started is stopped again when a later step
 * fails. `onFatal` is told of something that this process cannot go on with.
 */
export async function startServer(
  config: Config,
  log: Logger,
  onFatal: (reason: string) => void,
): Promise<RunningServer> {
  const closers: Closer[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  try {
    return { ...(await start(config, log, { closers, onFatal })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  config: Config,
  log: Logger,
  { closers, onFatal }: { closers: Closer[]; onFatal: (reason: string) => void },
): Promise<Omit<RunningServer, 'close'>> {
  const databaseServer = await startDatabaseServer(config, log);
  closers.push(() => databaseServer.stop());
  const applied = await bringUpToDate(databaseServer);
  if (applied.length > 0) log.info({ migrations: applied }, 'the database was brought up to date');

  const database = openDatabase(databaseServer.url, config, log);
  closers.push(() => database.close());
  if (!config.allowSeveralProcessesWithoutRedis) closers.push(await beTheOnlyServer(database, onFatal));
  const identity = await openServerIdentity({
    keyFile: config.keyFile,
    database,
    crypto,
    clock: systemClock,
  });
  const nonces = await openNonceStore(config, closers);

  const http = makeHttpServer(config.limits);
  const rateLimiter = new LocalRateLimiter();
  const windows = new LocalEventWindows();
  const blobs = await openFileStore(config, { database, identity, clock: systemClock });
  closers.push(() => blobs.close());
  const worker = new WorkerInside(config, databaseServer.url, log);
  const module = ApiModule.of({ config, database, identity, crypto, rateLimiter, windows, blobs }, worker);
  const app = await NestFactory.create<NestFastifyApplication>(module, http, {
    logger: new NestLogger(log),
    bodyParser: false,
    abortOnError: false,
  });
  closers.push(() => app.close());
  app.get(ReadModels).start();
  serveProtocol(app, { config, identity, nonces, log });
  worker.start();
  closers.push(() => worker.close());
  await app.listen(config.port, config.host);
  const address = app.getHttpServer().address() as { port: number };
  return { app, identity, database: databaseServer, port: address.port };
}

/** The first connection: an external database that is not there, or does not let us in, is a mistake of the set-up. */
async function bringUpToDate({ url, kind }: DatabaseServer): Promise<string[]> {
  try {
    return await migrate(url, MIGRATIONS_FOLDER);
  } catch (error) {
    if (kind !== 'external' || error instanceof MigrationError) throw error;
    const { message, code } = error as NodeJS.ErrnoException;
    throw new StartRefusedError(`The PostgreSQL of DATABASE_URL cannot be used: ${message || code}`);
  }
}

const openDatabase = (url: string, config: Config, log: Logger): Database =>
  new Database({
    url,
    poolSize: config.databasePoolSize,
    applicationName: 'plaza api',
    onConnectionLost: (error) => log.warn({ reason: error.message }, 'a database connection was lost'),
  });

/** Nonces and rate limits live in this process, so there must be no second one beside it. */
async function beTheOnlyServer(database: Database, onFatal: (reason: string) => void): Promise<Closer> {
  const lock = await SoleServerLock.acquire(database, onFatal);
  if (!lock)
    throw new StartRefusedError(
      'Another Plaza server is working on this database. Stop it first: without Redis there can be only one.',
    );
  return () => lock.release();
}

async function openNonceStore(config: Config, closers: Closer[]): Promise<NonceStore> {
  const nonces = await LocalNonceStore.open({
    folder: join(config.dataDir, 'nonces'),
    timestampSkewSeconds: config.limits.timestampSkewSecondsMax,
  });
  const dropping = setInterval(() => void nonces.dropExpired(), DROP_NONCES_EVERY_MS);
  dropping.unref();
  closers.push(() => {
    clearInterval(dropping);
    return nonces.close();
  });
  return nonces;
}

function serveProtocol(
  app: NestFastifyApplication,
  parts: { config: Config; identity: ServerIdentity; nonces: NonceStore; log: Logger },
): void {
  const { config, identity, nonces, log } = parts;
  const handlers = HANDLERS.map((handler) => app.get<Handler>(handler));
  const routes = new RouteTable(handlers.flatMap((handler) => handler.routes));
  const dispatcher = new Dispatcher({
    routes,
    authenticator: new Authenticator({
      crypto,
      serverPublicKey: identity.keys.publicKey,
      blindingRequired: config.requireBlindedIds,
      timestampSkewSecondsMax: config.limits.timestampSkewSecondsMax,
      users: app.get(UserModels),
      nonces,
      clock: systemClock,
    }),
    gate: app.get(RoomGate),
    activity: app.get(ActivityRecorder),
    jsonDepthMax: config.limits.jsonDepthMax,
  });
  addApiDocs(app, openApiDocument(routes.all(), { version, serverUrl: config.publicUrl ?? '/' }));
  const fastify = app.getHttpAdapter().getInstance();
  logRequests(fastify, log);
  const pages = app.get(PagesService);
  addPages(fastify, pages);
  addProtocolEndpoints(
    fastify,
    dispatcher,
    new OnionGateway({ crypto, serverKeys: identity.keys, limits: config.limits }),
    pages,
  );
}
