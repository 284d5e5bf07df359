import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../../../libs/config/load-config.js';
import { makeLogger, NestLogger } from '../../../libs/logging/logging.js';
import { OperatorError, terminalText } from '../../../libs/protocol/operator-error.js';
import { reachDatabaseServer } from '../../../libs/storage/database-server.js';
import { HealthEndpoint } from './health-endpoint.js';
import { KeptWorker } from './kept-worker.js';
import { openWorkerCommunity } from './worker-community.js';

const CLOSE_TIMEOUT_MS = 25_000;

/** A worker apart from the server: several may run, beside servers with RUN_WORKER=false or true. */
async function main(): Promise<void> {
  const { config, warnings } = loadConfig();
  const log = makeLogger(config.logLevel);
  for (const warning of warnings) log.warn(warning);
  Logger.overrideLogger(new NestLogger(log));
  const stopped = stopSignal();
  const server = await reachDatabaseServer(config);
  if (server.kind === 'embedded') {
    await server.stop();
    throw new OperatorError(
      'There is no server to work for. Start it first (npm start), or set DATABASE_URL.',
    );
  }
  const worker = new KeptWorker(
    {
      databaseUrl: server.url,
      redisUrl: config.redisUrl,
      openCommunity: () => openWorkerCommunity(config, server.url),
    },
    log,
  );
  const { host, workerHealthPort: port } = config;
  const health =
    port === undefined ? undefined : await HealthEndpoint.listen({ host, port }, () => worker.health());
  log.info({ ...(health && { healthPort: health.port }) }, 'the worker is running');
  await stopped;
  setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
  health?.close();
  await worker.close();
  process.exit(0);
}

const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });

main().catch((error: unknown) => {
  process.stderr.write(`${terminalText(error)}\n`);
  process.exit(1);
});
