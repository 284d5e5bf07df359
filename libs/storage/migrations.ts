import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { OperatorError } from '../protocol/operator-error.js';

/** Prisma's own advisory lock, so that its tools and this runner keep out of each other's way. */
const PRISMA_MIGRATE_LOCK = 72707369;
const LOCK_TIMEOUT_MS = 60_000;
const LOCK_NOT_AVAILABLE = '55P03';
const SERVER_VERSION_MIN = 140_000;

/** Something about the migrations that a person has to decide. The text says what to do. */
export class MigrationError extends OperatorError {
  override name = 'MigrationError';
}

interface Migration {
  name: string;
  sql: string;
  /** Hex SHA-256 of the file, as Prisma records it. */
  checksum: string;
}

/**
 * Brings the database at `url` up to the migrations in `folder` (Prisma's layout), forward only, each in its own
 * transaction together with its record in `_prisma_migrations`. Returns the names that were applied now. `only`: to
 * these of them, the shape that some backup needs.
 * Throws {@link MigrationError} when an applied migration was changed, when the database is newer than this code,
 * when PostgreSQL is older than 14, or when a migration fails (the database then is as it was before that one).
 */
export async function migrate(
  url: string,
  folder: string,
  { only }: { only?: readonly string[] } = {},
): Promise<string[]> {
  const migrations = chosen(await readMigrations(folder), only);
  const client = new Client({ connectionString: url, application_name: 'plaza migrations' });
  client.on('error', () => undefined); // whatever it is, the query that is under way fails with it
  await client.connect();
  try {
    await refuseOldServer(client);
    await takeTurn(client);
    await client.query(MIGRATIONS_TABLE);
    const pending = await pendingMigrations(client, migrations);
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/**
 * For a program that uses the database of a server which is running: throws {@link MigrationError} unless both are of
 * versions that have the same migrations.
 */
export async function refuseOtherVersion(url: string, folder: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'plaza migrations' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const pending = await pendingMigrations(client, await readMigrations(folder));
    if (pending.length > 0)
      throw new MigrationError(
        `The server that is running is older than this command (its database lacks the migration ${pending[0]!.name}). Restart it with this version first.`,
      );
  } finally {
    await client.end();
  }
}

/** Names of migrations in `folder` that the database behind `query` does not have yet. */
export async function missingMigrations(
  query: (text: string) => Promise<{ migration_name: string }[]>,
  folder: string,
): Promise<string[]> {
  const applied = new Set((await query(APPLIED)).map((row) => row.migration_name));
  return (await readMigrations(folder)).map(({ name }) => name).filter((name) => !applied.has(name));
}

// The table as Prisma makes it.
const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;
const APPLIED = `SELECT migration_name, checksum FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

function chosen(known: Migration[], only: readonly string[] | undefined): Migration[] {
  if (!only) return known;
  const unknown = only.filter((name) => !known.some((migration) => migration.name === name));
  if (unknown.length > 0)
    throw new MigrationError(
      `This comes from a newer version of Plaza (it has the migration ${unknown.at(-1)}). Install that version, or a later one.`,
    );
  return known.filter(({ name }) => only.includes(name));
}

/** One after the other. Nobody waits for ever, neither for a turn nor for a table that somebody else holds. */
async function takeTurn(client: Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_MIGRATE_LOCK]);
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw new MigrationError(
      `Somebody else has been bringing this database up to date for ${LOCK_TIMEOUT_MS / 1000} s. Wait until it is done, then start again; if nobody is, end the session that holds advisory lock ${PRISMA_MIGRATE_LOCK}.`,
    );
  }
}

async function refuseOldServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string; server_version: string }>(
    `SELECT current_setting('server_version_num') AS server_version_num, current_setting('server_version') AS server_version`,
  );
  if (Number(rows[0]?.server_version_num) < SERVER_VERSION_MIN)
    throw new MigrationError(`PostgreSQL ${rows[0]?.server_version} is too old: Plaza needs 14 or newer.`);
}

async function pendingMigrations(client: Client, known: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(APPLIED);
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  const unknown = [...applied.keys()].filter((name) => !known.some((migration) => migration.name === name));
  if (unknown.length > 0)
    throw new MigrationError(
      `This database is newer than this version of Plaza (it has the migration ${unknown.at(-1)}). Start the newer version, or restore a backup made by this one.`,
    );
  for (const { name, checksum } of known) {
    const recorded = applied.get(name);
    if (recorded !== undefined && recorded !== checksum)
      throw new MigrationError(
        `The migration ${name} was changed after it ran on this database. Put the original file back (git checkout prisma/migrations).`,
      );
  }
  return known.filter(({ name }) => !applied.has(name));
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    const advice =
      (error as { code?: string }).code === LOCK_NOT_AVAILABLE
        ? 'Another program is using the tables: stop the servers and workers of the older version, then start again.'
        : 'The version of Plaza that ran before goes on working on it: start that one, and report this.';
    throw new MigrationError(
      `The migration ${name} failed and was undone; the database is as it was before. PostgreSQL says: ${reason}. ${advice}`,
    );
  }
}
