import { VersionCheck } from '../../../libs/community/read-models/version-check.js';
import type { Config } from '../../../libs/config/config.js';
import type { Coordination } from '../../../libs/coordination/coordination.js';
import { addDatabaseMetrics, flag, known } from '../../../libs/metrics/database-metrics.js';
import { listenForMetrics, Metrics } from '../../../libs/metrics/metrics.js';
import type { PlainEndpoint } from '../../../libs/metrics/plain-endpoint.js';
import { within } from '../../../libs/protocol/bounded-wait.js';
import type { Database } from '../../../libs/storage/database.js';
import { ServerStateRepository } from '../../../libs/storage/server-state.repository.js';
import type { HealthService } from './health.service.js';
import { MemberMetrics } from './processes/members-metrics.js';
import type { WorkerInside } from './worker-inside.js';

/** Shorter than Prometheus, and the primary of several processes, wait. */
const DATABASE_TIMEOUT_MS = 2_000;
const REDIS_MEMORY = {
  used: 'Memory that Redis uses; absent without Redis',
  max: 'Memory that Redis may use (maxmemory), beyond which it takes no nonces; absent without a limit',
} as const;

export interface MetricsSources {
  database: Database;
  coordination: Coordination;
  check: VersionCheck;
  health: HealthService;
  worker: WorkerInside;
}

/** The metrics of this process: at its own port, or for the primary of several, which serves those of all. */
export class ServerMetrics {
  private constructor(
    private readonly metrics: Metrics,
    private readonly outlet: PlainEndpoint | MemberMetrics,
  ) {}

  /** Undefined when nobody wants them. */
  static async start(
    { metricsHost: host, metricsPort: port }: Config,
    {
      isMember,
      log,
      ...sources
    }: MetricsSources & {
      /** One of several processes: the primary serves the metrics of all. */
      isMember: boolean;
      log: { info(details: { metricsPort: number }, message: string): void };
    },
  ): Promise<ServerMetrics | undefined> {
    if (port === undefined) return undefined;
    const metrics = serverMetrics(sources);
    if (isMember) return new ServerMetrics(metrics, await MemberMetrics.start(metrics));
    const endpoint = await listenForMetrics({ host, port }, () => metrics.text());
    log.info({ metricsPort: endpoint.port }, 'metrics are served');
    return new ServerMetrics(metrics, endpoint);
  }

  requestTook(route: string, seconds: number): void {
    this.metrics.requestTook(route, seconds);
  }

  async close(): Promise<void> {
    await this.outlet.close();
  }
}

/** The state of what a process depends on, when somebody asks; what happens in it is in the tallies. */
function serverMetrics({ database, coordination, check, health, worker }: MetricsSources): Metrics {
  const metrics = new Metrics();
  const state = new ServerStateRepository(database);
  addDatabaseMetrics(metrics, {
    databases: () => [database, ...worker.databases],
    // What readiness says of it. A database that lets one wait is not up.
    isUp: async () => (await answered(health.readiness()))?.checks.database === 'ok',
  });
  metrics.gauge({
    name: 'plaza_read_model_failing_seconds',
    help: 'For how long what is kept in memory could not be held against the database, although somebody asked',
    aggregator: 'max',
    read: () => [{ value: check.failingSeconds }],
  });
  metrics.gauge({
    name: 'plaza_redis_up',
    help: 'Whether Redis answers; absent without Redis',
    aggregator: 'min',
    read: async () => flag(await coordination.isRedisReachable()),
  });
  // Both in one question, since both are asked at the same time.
  let asked: ReturnType<Coordination['redisMemory']> | undefined;
  const redisMemory = () => (asked ??= coordination.redisMemory().finally(() => (asked = undefined)));
  for (const kind of ['used', 'max'] as const)
    metrics.gauge({
      name: `plaza_redis_memory_${kind}_bytes`,
      help: REDIS_MEMORY[kind],
      aggregator: 'max',
      read: async () => known((await redisMemory())?.[kind]),
    });
  metrics.gauge({
    name: 'plaza_nonces',
    help: 'Nonces that are remembered; in Redis as they were counted in the last minutes',
    aggregator: 'max',
    read: () => [{ value: coordination.nonces.size }],
  });
  metrics.gauge({
    name: 'plaza_nonces_max',
    help: 'What NONCES_MAX allows',
    aggregator: 'max',
    read: () => [{ value: coordination.nonces.entriesMax }],
  });
  metrics.gauge({
    name: 'plaza_last_backup_timestamp_seconds',
    help: 'When `plaza backup` last made a whole one; absent before the first',
    aggregator: 'max', // all see the same database
    read: async () => known(await answered(state.lastBackupAt())),
  });
  worker.addMetrics(metrics);
  return metrics;
}

/** Undefined when the database does not answer in time, or fails: whether it is up has a metric of its own. */
async function answered<Answer>(question: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await within(DATABASE_TIMEOUT_MS, question);
  } catch {
    return undefined;
  }
}
