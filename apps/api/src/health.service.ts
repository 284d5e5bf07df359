import { Injectable } from '@nestjs/common';
import { Database, statement } from '../../../libs/storage/database.js';
import { MIGRATIONS_FOLDER } from '../../../libs/storage/database-server.js';
import { missingMigrations } from '../../../libs/storage/migrations.js';
import { StorageUnavailableError } from '../../../libs/storage/storage-errors.js';

export interface Readiness {
  status: 'ready' | 'not ready';
  /** By part: `ok`, or what is wrong. The worker's is for information: without it clients are served all the same. */
  checks: Record<'database' | 'migrations' | 'worker', string>;
}

/** How the worker is: `ok`, what it waits for, or that it is in another process. */
export abstract class WorkerState {
  abstract current(): string;
}

/** Answers are shared this long, so that nobody can load the database by asking. */
const SHARED_FOR_MS = 500;

/** Whether this process can serve: the database is reachable and has all migrations. */
@Injectable()
export class HealthService {
  private current: { until: number; answer: Promise<Readiness> } | undefined;

  constructor(
    private readonly database: Database,
    private readonly worker: WorkerState,
  ) {}

  readiness(): Promise<Readiness> {
    const now = Date.now();
    if (!this.current || this.current.until <= now)
      this.current = { until: now + SHARED_FOR_MS, answer: this.check() };
    return this.current.answer;
  }

  private async check(): Promise<Readiness> {
    const worker = this.worker.current();
    try {
      const missing = await missingMigrations(
        (text) => this.database.query(statement('health.applied-migrations', text)),
        MIGRATIONS_FOLDER,
      );
      return missing.length === 0
        ? { status: 'ready', checks: { database: 'ok', migrations: 'ok', worker } }
        : {
            status: 'not ready',
            checks: { database: 'ok', migrations: `${missing.length} not applied`, worker },
          };
    } catch (error) {
      const reason = error instanceof StorageUnavailableError ? 'not reachable' : 'failing';
      return { status: 'not ready', checks: { database: reason, migrations: 'unknown', worker } };
    }
  }
}
