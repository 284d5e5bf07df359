import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { plazaCommand } from '../support/plaza-process.js';

jest.setTimeout(180_000);

let postgres: EmbeddedPostgres;

beforeAll(async () => {
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.stop());
afterAll(endEverything);

const migrate = (...args: string[]) =>
  plazaCommand({ dataDir: freshFolder(), env: { DATABASE_URL: postgres.url } }, 'migrate', ...args);

describe('plaza migrate', () => {
  it('brings a database up to date, whoever else does so, and once', async () => {
    const runs = await Promise.all([migrate('--json'), migrate('--json')]);
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      runs.map(() => ({ code: 0, stderr: '' })),
    );
    const applied = runs.map(({ stdout }) => (JSON.parse(stdout) as { applied: string[] }).applied.length);
    expect(Math.max(...applied)).toBeGreaterThan(0);
    expect(Math.min(...applied)).toBe(0);
    expect((await migrate()).stdout).toBe('The database is up to date.\n');
    const env = { DATABASE_URL: postgres.url };
    expect(await plazaCommand({ dataDir: freshFolder(), env }, 'room', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no community in the database of DATABASE_URL yet.'),
    });
  });

  it('refuses a database that is newer, in one line', async () => {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('z', 'z', '9999_z', now())`,
    );
    await client.end();
    const { code, stderr } = await migrate();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^This database is newer than this version of Plaza .*9999_z.*\n$/);
  });

  it('says that a database is away', async () => {
    const env = { DATABASE_URL: 'postgres://plaza@127.0.0.1:1/plaza' };
    const { code, stderr } = await plazaCommand({ dataDir: freshFolder(), env }, 'migrate');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The PostgreSQL of DATABASE_URL cannot be used: .*ECONNREFUSED.*\n$/);
  });
});
