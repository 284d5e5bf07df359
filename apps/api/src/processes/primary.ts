import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../../../libs/config/config.js';
import { listenForMetrics } from '../../../../libs/metrics/metrics.js';
import { startDatabaseServer } from '../../../../libs/storage/database-server.js';
import { endWith, type Stopping } from '../stop-signal.js';
import { MembersMetrics } from './members-metrics.js';
import { ProcessGroup } from './process-group.js';

/** The processes get nearly this long for what is under way. */
const CLOSE_TIMEOUT_MS = 29_000;

/**
 * The first of several processes: keeps the database, if it is the embedded one, and the processes that serve, and
 * sees no request itself. All of them accept from the one socket; what comes over it is nobody's to hand around.
 */
export async function leadProcesses(config: Config, log: Logger, stopping: Stopping): Promise<void> {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const database = await startDatabaseServer(config, log).catch((error: unknown) => {
    // Ctrl-C in a terminal also ends the programs that the start runs, which makes the start fail.
    if (!stopping.isRequested()) throw error;
  });
  if (!database) return process.exit(await stopping.requested);

  const { url, kind } = database;
  const group = new ProcessGroup({ size: config.apiProcesses, database: { url, kind }, log });
  const { metricsHost: host, metricsPort: port } = config;
  const members = new MembersMetrics();
  const metrics =
    port === undefined ? undefined : await listenForMetrics({ host, port }, () => members.text());
  const close = async (): Promise<void> => {
    metrics?.close();
    await group.stop();
    await database.stop();
  };
  process.on('SIGHUP', () => void group.reload());
  const started = group.start();
  try {
    await Promise.race([started, stopping.requested]);
  } catch (error) {
    await close();
    throw error;
  }
  if (!stopping.isRequested()) {
    const { port, welcome } = await started;
    process.stdout.write(`${welcome}\n`);
    log.info(
      { port, ...(metrics && { metricsPort: metrics.port }), processes: config.apiProcesses },
      'started',
    );
  }
  const exitCode = await stopping.requested;
  process.stdout.write('Stopping…\n');
  group.announceEnd();
  await delay(config.stopDelaySeconds * 1000);
  await endWith(exitCode, CLOSE_TIMEOUT_MS, close);
}
