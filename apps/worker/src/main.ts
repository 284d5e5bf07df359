import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import type { Config } from '../../../libs/config/config.js';
import { loadConfig } from '../../../libs/config/load-config.js';
import { makeLogger, NestLogger } from '../../../libs/logging/logging.js';
import { listenForMetrics, Metrics } from '../../../libs/metrics/metrics.js';
import { PlainEndpoint, type PlainAnswer } from '../../../libs/metrics/plain-endpoint.js';
import { version } from '../../../libs/config/version.js';
import { Tracing } from '../../../libs/tracing/tracing.js';
import { OperatorError, terminalText } from '../../../libs/protocol/operator-error.js';
import { reachDatabaseServer } from '../../../libs/storage/database-server.js';
import { KeptWorker } from './kept-worker.js';
import { openWorkerCommunity } from './worker-community.js';
import { addOwnDatabaseMetrics, addWorkerMetrics } from './worker-metrics.js';

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
  const { tracingUrl: url, tracingRatio: ratio } = config;
  const tracing = await Tracing.start({ url, ratio, service: 'plaza-worker', version, log });
  const worker = new KeptWorker(
    {
      databaseUrl: server.url,
      redisUrl: config.redisUrl,
      openCommunity: () => openWorkerCommunity(config, server.url),
    },
    log,
  );
  const health = await tellHealth(config, worker);
  const metrics = await tellMetrics(config, worker);
  const ports = { ...(health && { healthPort: health.port }), ...(metrics && { metricsPort: metrics.port }) };
  log.info(ports, 'the worker is running');
  await stopped;
  setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
  health?.close();
  metrics?.close();
  await worker.close();
  await tracing?.close();
  process.exit(0);
}

/** With the same answers as the server's. */
async function tellHealth(
  { host, workerHealthPort: port }: Config,
  worker: KeptWorker,
): Promise<PlainEndpoint | undefined> {
  if (port === undefined) return undefined;
  return PlainEndpoint.listen(
    { host, port },
    {
      '/health/live': () => ({ status: 200, body: { status: 'ok' } }),
      '/health/ready': () => readiness(worker),
    },
  );
}

function readiness(worker: KeptWorker): PlainAnswer {
  const body = worker.health();
  return { status: body.status === 'ready' ? 200 : 503, body };
}

async function tellMetrics(
  { metricsHost: host, metricsPort: port }: Config,
  worker: KeptWorker,
): Promise<PlainEndpoint | undefined> {
  if (port === undefined) return undefined;
  const metrics = new Metrics();
  addWorkerMetrics(metrics, () => worker);
  addOwnDatabaseMetrics(metrics, worker);
  return listenForMetrics({ host, port }, () => metrics.text());
}

const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });

main().catch((error: unknown) => {
  process.stderr.write(`${terminalText(error)}\n`);
  process.exit(1);
});
