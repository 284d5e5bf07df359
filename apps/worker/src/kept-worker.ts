import { setTimeout as delay } from 'node:timers/promises';
import { settlesWithin } from '../../../libs/protocol/bounded-wait.js';
import type { Gauge1 } from '../../../libs/metrics/metrics.js';
import type { Database } from '../../../libs/storage/database.js';
import { startWorker, type RunningWorker, type WorkerOptions } from './worker.js';
import { checksOfStart, isWell, summaryOf, UNKNOWN, type Checks } from './worker-checks.js';

const CHECK_EVERY_MS = 5_000;
const CHECK_AGAIN_MS = 1_000;
const RESTART_PAUSE_MIN_MS = 1_000;
const RESTART_PAUSE_MAX_MS = 30_000;
/** A start that is under way may wait for a database that does not answer. */
const START_TIMEOUT_MS = 6_000;

/** Where a worker tells how it is. */
export interface WorkerLog {
  info(message: string): void;
  warn(details: { reason: string | undefined }, message: string): void;
}

/** What a load balancer or a person with curl is told. */
export interface WorkerHealth {
  status: 'ready' | 'not ready';
  checks: Checks;
}

/**
 * A worker that starts when it can, waits while the database or Redis is away, and goes on. Whatever happens to it is
 * told, once, and never becomes its program's own trouble.
 */
export class KeptWorker {
  private readonly stopping = new AbortController();
  private checks = UNKNOWN;
  /** Since when it cannot work, and what was told of it. */
  private outage: { since: number; told: string } | undefined;
  private worker: RunningWorker | undefined;
  private readonly run: Promise<void>;

  constructor(
    private readonly options: WorkerOptions,
    private readonly log: WorkerLog,
  ) {
    this.run = this.keepRunning().catch((error: Error) =>
      this.log.warn({ reason: error.message }, 'the worker ended: start it again'),
    );
  }

  health(): WorkerHealth {
    return { status: isWell(this.checks) ? 'ready' : 'not ready', checks: this.checks };
  }

  /** Its pool; none while there is no worker. */
  get databases(): readonly Database[] {
    return this.worker ? [this.worker.database] : [];
  }

  /** Undefined while there is no worker. */
  depths(): Promise<Gauge1[]> | undefined {
    return this.worker?.depths();
  }

  /** Lets the batches that are under way end; takes some seconds at most, whatever answers. */
  async close(): Promise<void> {
    this.stopping.abort();
    if (!this.worker) await settlesWithin(START_TIMEOUT_MS, this.run);
    await this.worker?.close();
  }

  private async keepRunning(): Promise<void> {
    for (let pause = RESTART_PAUSE_MIN_MS; !this.worker; pause = Math.min(pause * 2, RESTART_PAUSE_MAX_MS)) {
      if (this.stopping.signal.aborted) return;
      try {
        this.worker = await startWorker(this.options);
      } catch (error) {
        const checks = checksOfStart(error);
        this.report(checks, summaryOf(checks), (error as Error).message);
        await this.pause(pause);
      }
    }
    while (!this.stopping.signal.aborted) {
      const { checks, reason } = await this.worker.check();
      if (this.stopping.signal.aborted) return;
      this.report(checks, summaryOf(checks), reason);
      await this.pause(isWell(checks) ? CHECK_EVERY_MS : CHECK_AGAIN_MS);
    }
  }

  /** One line when it gets worse or different, one when it is over. */
  private report(checks: Checks, trouble: string, reason: string | undefined): void {
    this.checks = checks;
    if (isWell(checks)) {
      if (this.outage) this.log.info(`the worker goes on after ${secondsSince(this.outage.since)} s`);
      this.outage = undefined;
    } else if (this.outage?.told !== trouble) {
      this.log.warn({ reason }, `the worker waits: ${trouble}`);
      this.outage = { since: this.outage?.since ?? performance.now(), told: trouble };
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}

const secondsSince = (start: number): number => Math.round((performance.now() - start) / 1000);
