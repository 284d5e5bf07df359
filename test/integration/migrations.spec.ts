import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATIONS_FOLDER } from '../../libs/storage/database-server.js';
import {
  migrate,
  MigrationError,
  missingMigrations,
  refuseOtherVersion,
} from '../../libs/storage/migrations.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';

let database: ScratchDatabase;
let folder: string;
beforeEach(async () => {
  database = await scratchDatabase({ empty: true });
  folder = await scratchFolder();
});
afterEach(async () => {
  await database.drop();
  await removeFolder(folder);
});

/** Writes migrations by name into the folder of this test. */
function write(migrations: Record<string, string>): void {
  for (const [name, sql] of Object.entries(migrations)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'migration.sql'), sql);
  }
}

async function query<Row>(sql: string): Promise<Row[]> {
  const client = await connect(database.url);
  return (await client.query(sql).finally(() => client.end())).rows as Row[];
}

const run = () => migrate(database.url, folder);
const tables = async () =>
  (
    await query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       AND relname <> '_prisma_migrations' ORDER BY 1`,
    )
  ).map(({ name }) => name);
const records = () =>
  query<{ migration_name: string; checksum: string }>(
    'SELECT * FROM _prisma_migrations ORDER BY migration_name',
  );

describe('migrations', () => {
  it('run in the order of their names, and each of them once', async () => {
    write({ '2_b': 'ALTER TABLE a ADD more int', '1_a': 'CREATE TABLE a (id int)' });
    expect(await run()).toEqual(['1_a', '2_b']);
    expect(await run()).toEqual([]);
    write({ '3_c': 'CREATE TABLE c (id int)' });
    expect(await run()).toEqual(['3_c']);
    expect(await tables()).toEqual(['a', 'c']);
  });

  it('run once when several servers start at the same moment', async () => {
    write({ '1_a': `CREATE TABLE a (id int); SELECT pg_sleep(0.2)`, '2_b': 'CREATE TABLE b (id int)' });
    const applied = await Promise.all([run(), run(), run()]);
    expect(applied.flat().sort()).toEqual(['1_a', '2_b']);
    expect(await records()).toHaveLength(2);
  });

  it('wait for Prisma’s own tools, which hold the same lock', async () => {
    write({ '1_a': 'CREATE TABLE a (id int)' });
    const prisma = await connect(database.url);
    await prisma.query('SELECT pg_advisory_lock(72707369)');
    let done = false;
    const running = run().finally(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(done).toBe(false);
    await prisma.end();
    expect(await running).toEqual(['1_a']);
  });

  it('are recorded as Prisma records them', async () => {
    const sql = '-- ä\nCREATE TABLE a (id int);\n';
    write({ '1_a': sql });
    await run();
    expect(await records()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        checksum: createHash('sha256')
          .update(readFileSync(join(folder, '1_a', 'migration.sql')))
          .digest('hex'),
        migration_name: '1_a',
        applied_steps_count: 1,
        started_at: expect.any(Date),
        finished_at: expect.any(Date),
        logs: null,
        rolled_back_at: null,
      },
    ]);
  });

  it('that are missing are named, without being run', async () => {
    write({ '1_a': 'CREATE TABLE a (id int)' });
    await run();
    write({ '2_b': 'CREATE TABLE b (id int)' });
    expect(await missingMigrations((text) => query(text), folder)).toEqual(['2_b']);
    expect(await tables()).toEqual(['a']);
  });

  it('of this project are complete and apply to an empty database', async () => {
    const names = readdirSync(MIGRATIONS_FOLDER, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(await migrate(database.url, MIGRATIONS_FOLDER)).toEqual(names.map(({ name }) => name).sort());
    expect(await tables()).toContain('rooms');
  });
});

describe('a command beside a running server', () => {
  const look = () => refuseOtherVersion(database.url, folder);

  it('is of the same version, or is told which of the two is older; and changes nothing', async () => {
    write({ '1_a': 'CREATE TABLE a (id int)' });
    await run();
    await expect(look()).resolves.toBeUndefined();
    write({ '2_b': 'CREATE TABLE b (id int)' });
    await expect(look()).rejects.toThrow(/older than this command \(its database lacks the migration 2_b\)/);
    await query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'y', '3_c', now())`,
    );
    await expect(look()).rejects.toThrow(/newer than this version of Plaza \(it has the migration 3_c\)/);
    expect(await tables()).toEqual(['a']);
  });
});

describe('migrations are refused', () => {
  it('when one was changed after it ran, and nothing is run', async () => {
    write({ '1_a': 'CREATE TABLE a (id int)' });
    await run();
    write({ '1_a': 'CREATE TABLE a (id int) ', '2_b': 'CREATE TABLE b (id int)' });
    await expect(run()).rejects.toThrow(/The migration 1_a was changed after it ran/);
    expect(await tables()).toEqual(['a']);
  });

  it('when the database is newer than the program, and nothing is run', async () => {
    cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
    await run();
    await query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'y', '9999_z', now())`,
    );
    write({ '9998_y': 'CREATE TABLE y (id int)' });
    await expect(run()).rejects.toThrow(/newer than this version of Plaza \(it has the migration 9999_z\)/);
    expect(await tables()).not.toContain('y');
  });

  it.each([
    [
      'a statement that fails',
      'CREATE TABLE b (id int); INSERT INTO a VALUES (7); SELECT 1/0;',
      /division by zero/,
    ],
    ['nonsense', 'CREATE TABLE b (id int); NONSENSE;', /syntax error/],
  ])('with %s, which leaves everything as it was before that one', async (_, sql, reason) => {
    write({ '1_a': 'CREATE TABLE a (id int)', '2_b': sql, '3_c': 'CREATE TABLE c (id int)' });
    const refused = run();
    await expect(refused).rejects.toThrow(MigrationError);
    await expect(refused).rejects.toThrow(/The migration 2_b failed and was undone/);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow(/start that one, and report this/);
    expect(await tables()).toEqual(['a']);
    expect(await query('SELECT * FROM a')).toEqual([]);
    expect((await records()).map(({ migration_name }) => migration_name)).toEqual(['1_a']);
  });

  it('on a PostgreSQL older than 14, and nothing is made', async () => {
    write({ '1_a': 'CREATE TABLE a (id int)' });
    await query(`CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS
      $$ SELECT CASE $1 WHEN 'server_version_num' THEN '130099' ELSE '13.99' END $$`);
    await query(
      `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET search_path = public, pg_catalog`,
    );
    await expect(run()).rejects.toThrow('PostgreSQL 13.99 is too old: Plaza needs 14 or newer.');
    expect(await query(`SELECT FROM pg_class WHERE relname = '_prisma_migrations'`)).toEqual([]);
  });

  it('when their connection breaks, and can be run again', async () => {
    write({ '1_a': 'CREATE TABLE a (id int); SELECT pg_terminate_backend(pg_backend_pid())' });
    await expect(run()).rejects.toThrow(/1_a/);
    expect(await tables()).toEqual([]);
    write({ '1_a': 'CREATE TABLE a (id int)' });
    expect(await run()).toEqual(['1_a']);
  });
});
