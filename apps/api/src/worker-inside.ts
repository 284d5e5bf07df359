import type { Logger } from 'pino';
import type { Config } from '../../../libs/config/config.js';
import type { Metrics } from '../../../libs/metrics/metrics.js';
import type { Database } from '../../../libs/storage/database.js';
import { KeptWorker } from '../../worker/src/kept-worker.js';
import { summaryOf } from '../../worker/src/worker-checks.js';
import { openWorkerCommunity } from '../../worker/src/worker-community.js';
import { addWorkerMetrics } from '../../worker/src/worker-metrics.js';
import { WorkerState } from './health.service.js';

/** The worker that the server runs too, if it does. It has a community and small pools of its own. */
export class WorkerInside extends WorkerState {
  private worker: KeptWorker | undefined;

  constructor(
    private readonly config: Config,
    private readonly databaseUrl: string,
    private readonly log: Logger,
  ) {
    super();
  }

  start(): void {
    const { config, databaseUrl, log } = this;
    if (!config.runWorker) return;
    const { redisUrl } = config;
    const openCommunity = () => openWorkerCommunity(config, databaseUrl);
    this.worker = new KeptWorker({ databaseUrl, redisUrl, openCommunity }, log);
  }

  current(): string {
    if (!this.worker) return this.config.runWorker ? 'starting' : 'apart';
    return summaryOf(this.worker.health().checks);
  }

  /** Its pool, beside the server's. */
  get databases(): readonly Database[] {
    return this.worker?.databases ?? [];
  }

  addMetrics(metrics: Metrics): void {
    if (this.config.runWorker) addWorkerMetrics(metrics, () => this.worker);
  }

  async close(): Promise<void> {
    await this.worker?.close();
  }
}
