import { addDatabaseMetrics, flag } from '../../../libs/metrics/database-metrics.js';
import type { Metrics } from '../../../libs/metrics/metrics.js';
import type { KeptWorker } from './kept-worker.js';
import { isWell, UNKNOWN } from './worker-checks.js';

/** What a worker tells, in a server or apart. `worker` is undefined before there is one. */
export function addWorkerMetrics(metrics: Metrics, worker: () => KeptWorker | undefined): void {
  metrics.gauge({
    name: 'plaza_worker_up',
    help: 'Whether the worker can work; absent where there is none',
    aggregator: 'max',
    read: () => flag(isWell(worker()?.health().checks ?? UNKNOWN)),
  });
  metrics.gauge({
    name: 'plaza_jobs',
    help: 'Jobs by queue and state, the same wherever it is asked',
    labelNames: ['queue', 'state'],
    aggregator: 'max', // every worker sees the same queues
    read: async () => (await worker()?.depths()) ?? [],
  });
}

/** Of a worker apart: in a server, the server tells its database's state. */
export function addOwnDatabaseMetrics(metrics: Metrics, worker: KeptWorker): void {
  addDatabaseMetrics(metrics, {
    databases: () => worker.databases,
    isUp: () => {
      const { database } = worker.health().checks;
      return database === UNKNOWN.database ? undefined : database === 'ok';
    },
  });
}
