import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Authenticator } from '../../../libs/auth/authenticator.js';
import { ActivityRecorder } from '../../../libs/community/activity-recorder.js';
import { AdminEventsService } from '../../../libs/community/admin/admin-events.service.js';
import { openFileStore } from '../../../libs/community/file-store.js';
import { NewcomersService } from '../../../libs/community/newcomers.service.js';
import { ReadModels } from '../../../libs/community/read-models/read-models.js';
import { VersionCheck } from '../../../libs/community/read-models/version-check.js';
import { openServerIdentity, type ServerIdentity } from '../../../libs/community/server-identity.js';
import type { Config } from '../../../libs/config/config.js';
import { version } from '../../../libs/config/version.js';
import { Coordination } from '../../../libs/coordination/coordination.js';
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
import { CHANGES_CHANNEL, PostgresNotifications } from '../../../libs/storage/postgres-notifications.js';
import { ServerLock } from '../../../libs/storage/server-lock.js';
import { ApiModule, HANDLERS } from './api.module.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { RoomGate } from './dispatch/room-gate.js';
import type { Handler } from './dispatch/route.js';
import { UserCosts } from './dispatch/user-costs.js';
import { RouteTable } from './dispatch/route-table.js';
import { HealthService } from './health.service.js';
import { Admission } from './http/admission/admission.js';
import { addAdminDocs, addApiDocs, guardDocs } from './http/api-docs.js';
import { addConsole } from './http/console/console-endpoints.js';
import { drain } from './http/drain.js';
import { makeHttpServer } from './http/http-server.js';
import { OpenConnections } from './http/open-connections.js';
import { addPages } from './http/pages/page-endpoints.js';
import { PagesService } from './http/pages/pages.service.js';
import { addProtocolEndpoints } from './http/protocol-endpoints.js';
import { logRequests } from './http/request-log.js';
import { traceRequests } from './http/request-traces.js';
import { ServerProcesses } from './processes/server-processes.js';
import { openApiDocument } from './openapi/openapi-document.js';
import { Tracing } from '../../../libs/tracing/tracing.js';
import { OperatorError } from '../../../libs/protocol/operator-error.js';
import { ServerMetrics } from './server-metrics.js';
import { whenThere, type StartWait } from './start-wait.js';
import { WorkerInside } from './worker-inside.js';

const crypto = selectCryptoBackend('sodium');

/** A running server. */
export interface RunningServer {
  app: NestFastifyApplication;
  identity: ServerIdentity;
  database: DatabaseServer;
  processes: ServerProcesses;
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

export interface ServerOptions {
  config: Config;
  log: Logger;
  /** Told of something that this process cannot go on with. */
  onFatal(reason: string): void;
  /** Whether it was told to stop, so that a start waits for nothing any more. */
  isStopping: () => boolean;
  /** What the primary of several processes has started; without it the server sees to its database itself. */
  database?: DatabaseServer;
  /** Kept up to date by whoever knows; without it this process is the only one. */
  processes?: ServerProcesses;
}

/**
 * Database, migrations, key, coordination, files, application, port: in this order. What was started is stopped again when
 * a later step fails.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const closers: Closer[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  try {
    return { ...(await start(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: ServerOptions, closers: Closer[]): Promise<Omit<RunningServer, 'close'>> {
  const { config, log, processes = new ServerProcesses() } = options;
  const { tracingUrl: url, tracingRatio: ratio } = config;
  const tracing = await Tracing.start({ url, ratio, service: 'plaza-api', version, log });
  closers.push(() => tracing?.close());
  const databaseServer = options.database ?? (await startDatabaseServer(config, log));
  if (!options.database) closers.push(() => databaseServer.stop());
  const wait = { seconds: config.startWaitSeconds, log, isStopping: options.isStopping };
  const applied = await bringUpToDate(databaseServer, wait);
  if (applied.length > 0) log.info({ migrations: applied }, 'the database was brought up to date');

  const database = openDatabase(databaseServer.url, config, log);
  closers.push(() => database.close());
  if (!config.allowSeveralProcessesWithoutRedis) closers.push(await keepOthersOut(database, options));
  const identity = await openServerIdentity({
    keyFile: config.keyFile,
    database,
    crypto,
    clock: systemClock,
  });
  const coordination = await whenThere('Redis', wait, () =>
    openCoordination(config, { identity, databaseUrl: databaseServer.url, log }),
  );
  closers.push(() => coordination.close());
  // Alone there is nobody to tell.
  if (config.redisUrl !== undefined || config.allowSeveralProcessesWithoutRedis)
    database.onCommitted((changes) => coordination.bus.publish(changes));

  const admission = new Admission(config, crypto, log);
  closers.push(() => admission.close());
  const http = makeHttpServer(config, admission);
  const blobs = await openFileStore(config, { database, identity, clock: systemClock });
  closers.push(() => blobs.close());
  const { rateLimiter, windows } = coordination;
  const community = { config, database, identity, crypto, rateLimiter, windows, blobs };
  const worker = new WorkerInside(config, databaseServer.url, log);
  const module = ApiModule.of({ community, coordination, held: admission.held, processes, worker });
  const app = await NestFactory.create<NestFastifyApplication>(module, http, {
    logger: new NestLogger(log),
    bodyParser: false,
    abortOnError: false,
  });
  closers.push(() => app.close());
  app.get(ReadModels).start(coordination.bus);
  app.get(AdminEventsService).start(coordination.bus);
  const [check, isMember] = [app.get(VersionCheck), options.processes !== undefined];
  const observed = { database, coordination, check, health: app.get(HealthService), worker };
  const metrics = await ServerMetrics.start(config, { ...observed, isMember, log });
  closers.push(() => metrics?.close());
  serveProtocol(app, { config, identity, log, metrics, admission });
  worker.start();
  closers.push(() => worker.close());
  const connections = new OpenConnections(app.getHttpServer());
  await app.listen(config.port, config.host);
  closers.push(() => drain(app.getHttpServer(), connections));
  const address = app.getHttpServer().address() as { port: number };
  return { app, identity, database: databaseServer, processes, port: address.port };
}

/** The first connection: an external database that does not come, or does not let us in, is a mistake of the set-up. */
async function bringUpToDate({ url, kind }: DatabaseServer, wait: StartWait): Promise<string[]> {
  try {
    return await whenThere('PostgreSQL', wait, () => migrate(url, MIGRATIONS_FOLDER));
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
    onSilence: (isSilent) =>
      log.warn(isSilent ? 'the database does not answer' : 'the database answers again'),
    onConnectionLost: (error) => log.warn({ reason: error.message }, 'a database connection was lost'),
  });

/** Without Redis nonces and rate limits live in this process, so there must be no other one beside it. */
async function keepOthersOut(database: Database, { config, onFatal }: ServerOptions): Promise<Closer> {
  const mode = config.redisUrl === undefined ? 'alone' : 'shared';
  const lock = await ServerLock.acquire(database, mode, onFatal);
  if (lock) return () => lock.release();
  throw new StartRefusedError(
    mode === 'alone'
      ? 'Another Plaza server is working on this database. Stop it first: without Redis there can be only one.'
      : 'A Plaza server without REDIS_URL is working on this database. Stop it first: several of them all need the same REDIS_URL.',
  );
}

function openCoordination(
  config: Config,
  parts: { identity: ServerIdentity; databaseUrl: string; log: Logger },
): Promise<Coordination> {
  const log = { warn: (message: string) => parts.log.warn(message) };
  return Coordination.open({
    config,
    serverPublicKeyHex: parts.identity.keys.publicKeyHex,
    openNotifications: () =>
      PostgresNotifications.open({
        url: parts.databaseUrl,
        channel: CHANGES_CHANNEL,
        applicationName: 'plaza changes',
        onConnectionLost: () => log.warn('the connection for changes of other processes was lost'),
      }),
    log,
  });
}

function serveProtocol(
  app: NestFastifyApplication,
  parts: {
    config: Config;
    identity: ServerIdentity;
    log: Logger;
    metrics: ServerMetrics | undefined;
    admission: Admission;
  },
): void {
  const { config, identity, log, metrics, admission } = parts;
  const handlers = HANDLERS.map((handler) => app.get<Handler>(handler));
  const routes = new RouteTable(handlers.flatMap((handler) => handler.routes));
  const dispatcher = new Dispatcher({
    routes,
    authenticator: app.get(Authenticator),
    gate: app.get(RoomGate),
    activity: app.get(ActivityRecorder),
    costs: app.get(UserCosts),
    newcomers: app.get(NewcomersService),
    jsonDepthMax: config.limits.jsonDepthMax,
  });
  const about = { version, serverUrl: config.publicUrl ?? '/' };
  const fastify = app.getHttpAdapter().getInstance();
  guardDocs(fastify);
  addApiDocs(app, openApiDocument(routes.all(), about));
  addAdminDocs(app, about);
  logRequests(fastify, log, metrics);
  traceRequests(fastify);
  const pages = app.get(PagesService);
  addPages(fastify, pages);
  addConsole(fastify, pages);
  const gateway = new OnionGateway({ crypto, serverKeys: identity.keys, limits: config.limits });
  addProtocolEndpoints(fastify, { dispatcher, gateway, admission, pages });
}
