import { VersionCheck } from '../../../libs/community/read-models/version-check.js';
import type { Config } from '../../../libs/config/config.js';
import type { Coordination } from '../../../libs/coordination/coordination.js';
import { listenForMetrics, Metrics } from '../../../libs/metrics/metrics.js';
import type { PlainEndpoint } from '../../../libs/metrics/plain-endpoint.js';
import type { Database } from '../../../libs/storage/database.js';
import type { WorkerInside } from './worker-inside.js';

export interface MetricsSources {
  database: Database;
  coordination: Coordination;
  check: VersionCheck;
  worker: WorkerInside;
}

/** The metrics of this process: at its own port, or for the primary of several, which serves those of all. */
export class ServerMetrics {
  private constructor(
    private readonly metrics: Metrics,
    private readonly endpoint: PlainEndpoint | undefined,
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
    if (isMember) {
      metrics.answerPrimary();
      return new ServerMetrics(metrics, undefined);
    }
    const endpoint = await listenForMetrics({ host, port }, () => metrics.text());
    log.info({ metricsPort: endpoint.port }, 'metrics are served');
    return new ServerMetrics(metrics, endpoint);
  }

  requestTook(route: string, seconds: number): void {
    this.metrics.requestTook(route, seconds);
  }

  close(): void {
    this.endpoint?.close();
  }
}

/** The state of what a process depends on, when somebody asks; what happens in it is in the tallies. */
function serverMetrics({ database, coordination, check, worker }: MetricsSources): Metrics {
  const metrics = new Metrics();
  metrics.count({
    name: 'plaza_database_statements_total',
    help: 'Statements sent to PostgreSQL, by name',
    labelNames: ['statement'],
    *counts() {
      for (const [name, count] of database.statementCounts) yield { labels: [name], count };
    },
  });
  metrics.gauge({
    name: 'plaza_database_pool',
    help: 'Connections to PostgreSQL, and who waits for one',
    labelNames: ['state'],
    read: () => Object.entries(database.connections).map(([state, value]) => ({ labels: [state], value })),
  });
  metrics.gauge({
    name: 'plaza_read_model_age_seconds',
    help: 'Since what is kept in memory was last held against the database; grows while nobody asks',
    aggregator: 'max',
    read: () => [{ value: check.ageSeconds }].filter(({ value }) => Number.isFinite(value)),
  });
  metrics.gauge({
    name: 'plaza_redis_up',
    help: 'Whether Redis answers; absent without Redis',
    aggregator: 'min',
    read: async () => {
      const isUp = await coordination.isRedisReachable();
      return isUp === undefined ? [] : [{ value: isUp ? 1 : 0 }];
    },
  });
  metrics.gauge({
    name: 'plaza_nonces',
    help: 'Nonces kept in this process; absent where Redis keeps them',
    read: () => (coordination.nonceCount === undefined ? [] : [{ value: coordination.nonceCount }]),
  });
  worker.addMetrics(metrics);
  return metrics;
}
