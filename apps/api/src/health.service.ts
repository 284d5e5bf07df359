import { Injectable } from '@nestjs/common';
import { Coordination } from '../../../libs/coordination/coordination.js';
import { Database, statement } from '../../../libs/storage/database.js';
import { MIGRATIONS_FOLDER } from '../../../libs/storage/database-server.js';
import { missingMigrations } from '../../../libs/storage/migrations.js';
import { StorageUnavailableError } from '../../../libs/storage/storage-errors.js';
import { ServerProcesses } from './processes/server-processes.js';

export interface Readiness {
  status: 'ready' | 'not ready';
  /**
   * By part: `ok`, or what is wrong. `redis` and `processes` only where there is something to tell; the worker's is for
   * information, since without it clients are served all the same.
   */
  checks: { database: string; migrations: string; redis?: string; processes?: string; worker: string };
}

/** How the worker is: `ok`, what it waits for, or that it is in another process. */
export abstract class WorkerState {
  abstract current(): string;
}

/** Answers are shared this long, so that nobody can load the database by asking. */
const SHARED_FOR_MS = 500;

/**
 * Whether this process can serve: the database is reachable and has all migrations, and so is Redis if there is
 * one. Of other processes of this server it only tells, since it serves without them as well.
 */
@Injectable()
export class HealthService {
  private current: { until: number; answer: Promise<Readiness> } | undefined;

  constructor(
    private readonly database: Database,
    private readonly coordination: Coordination,
    private readonly processes: ServerProcesses,
    private readonly worker: WorkerState,
  ) {}

  readiness(): Promise<Readiness> {
    const now = performance.now();
    if (!this.current || this.current.until <= now)
      this.current = { until: now + SHARED_FOR_MS, answer: this.check() };
    return this.processes.isEnding ? this.ending(this.current.answer) : this.current.answer;
  }

  /** It still serves; whoever asks is to send nobody else. */
  private async ending(answer: Promise<Readiness>): Promise<Readiness> {
    return { status: 'not ready', checks: { ...(await answer).checks, processes: 'stopping' } };
  }

  private async check(): Promise<Readiness> {
    const [storage, redis] = await Promise.all([this.checkDatabase(), this.coordination.isRedisReachable()]);
    const needed = { ...storage, ...(redis !== undefined && { redis: redis ? 'ok' : 'not reachable' }) };
    const isReady = Object.values(needed).every((part) => part === 'ok');
    const { isAlone, description } = this.processes;
    return {
      status: isReady ? 'ready' : 'not ready',
      checks: { ...needed, ...(!isAlone && { processes: description }), worker: this.worker.current() },
    };
  }

  private async checkDatabase(): Promise<{ database: string; migrations: string }> {
    try {
      const missing = await missingMigrations(
        (text) => this.database.query(statement('health.applied-migrations', text)),
        MIGRATIONS_FOLDER,
      );
      return { database: 'ok', migrations: missing.length === 0 ? 'ok' : `${missing.length} not applied` };
    } catch (error) {
      const reason = error instanceof StorageUnavailableError ? 'not reachable' : 'failing';
      return { database: reason, migrations: 'unknown' };
    }
  }
}
