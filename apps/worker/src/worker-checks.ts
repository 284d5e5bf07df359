import { TooLateError } from '../../../libs/protocol/bounded-wait.js';
import type { JobBackend } from '../../../libs/jobs/job-backend.js';
import { OperatorError } from '../../../libs/protocol/operator-error.js';
import { statement, type Database } from '../../../libs/storage/database.js';
import { MIGRATIONS_FOLDER } from '../../../libs/storage/database-server.js';
import { missingMigrations } from '../../../libs/storage/migrations.js';
import { StorageUnavailableError, toStorageError } from '../../../libs/storage/storage-errors.js';

/** By part: `ok`, or what is wrong. */
export type Checks = Record<'database' | 'migrations' | 'jobs', string>;

export const UNKNOWN: Checks = { database: 'unknown', migrations: 'unknown', jobs: 'unknown' };
const OK = 'ok';
const NOT_REACHABLE = 'not reachable';

export const isWell = (checks: Checks): boolean => Object.values(checks).every((state) => state === OK);

/** `ok`, or what is known to be wrong: `database: not reachable, jobs: failing`. */
export function summaryOf(checks: Checks): string {
  if (isWell(checks)) return OK;
  const wrong = Object.entries(checks).filter(([, state]) => state !== OK && state !== UNKNOWN.database);
  return wrong.map(([part, state]) => `${part}: ${state}`).join(', ') || 'starting';
}

/** The code is newer than the database, which a server brings up to date. */
class MigrationsMissingError extends OperatorError {
  override name = 'MigrationsMissingError';

  constructor(count: number) {
    super(`${count} migrations are not applied: a server of this version has to start first`);
  }
}

export async function requireMigrations(database: Database): Promise<void> {
  const missing = await missingMigrations(
    (text) => database.query(statement('worker.applied-migrations', text)),
    MIGRATIONS_FOLDER,
  );
  if (missing.length > 0) throw new MigrationsMissingError(missing.length);
}

/** What a worker that does not start because of this says about itself. */
export function checksOfStart(error: unknown): Checks {
  if (error instanceof MigrationsMissingError) return { ...UNKNOWN, database: OK, migrations: 'not applied' };
  return { ...UNKNOWN, database: stateOf(error) };
}

/** Of a worker that runs. When the jobs are in the database too, one of the two may merely have noticed first. */
export function checksOfRun(states: { database: string; jobs: string }, kind: JobBackend['kind']): Checks {
  const isAway = Object.values(states).includes(NOT_REACHABLE);
  const same = kind === 'postgres' && isAway && { database: NOT_REACHABLE, jobs: NOT_REACHABLE };
  return { migrations: OK, ...states, ...same };
}

/** `ok` when it goes well; else what is wrong, and why, for the log. */
export async function outcomeOf(work: Promise<unknown>): Promise<{ state: string; reason?: string }> {
  try {
    await work;
    return { state: OK };
  } catch (error) {
    const { message, cause } = error as Error;
    return { state: stateOf(error), reason: cause instanceof Error ? cause.message : message };
  }
}

const stateOf = (error: unknown): string =>
  error instanceof TooLateError || toStorageError(error) instanceof StorageUnavailableError
    ? NOT_REACHABLE
    : 'failing';
