import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { plazaCommand, refusedStart, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady } from '../support/session-client.js';

jest.setTimeout(180_000);

/** An operator's own PostgreSQL, as far as the server can tell. */
let postgres: EmbeddedPostgres;
let env: Record<string, string>;
let server: PlazaProcess;

beforeAll(async () => {
  await sessionClientReady();
  postgres = await startOwnPostgres();
  const keys = freshFolder();
  mkdirSync(keys);
  env = { DATABASE_URL: postgres.url, KEY_FILE: join(keys, 'key') };
  server = await startPlaza({ env });
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});
afterAll(endEverything);

describe('with DATABASE_URL', () => {
  it('the server uses that PostgreSQL and starts none of its own', async () => {
    expect((await post(server, newAccount(server), 'lobby', 'hello')).status).toBe(201);
    expect(existsSync(join(server.dataDir, 'postgres'))).toBe(false);
    expect(server.stdout()).toContain(
      `Data: ${server.dataDir} (key, files) and the PostgreSQL of DATABASE_URL`,
    );
  });

  it('its password is told to nobody', () => {
    const password = new URL(postgres.url).password;
    expect(server.stdout() + server.stderr()).not.toContain(password);
  });

  it('the command uses it too', async () => {
    const { code } = await server.plaza('room', 'create', 'fish', '--name', 'Fish');
    expect(code).toBe(0);
    expect((await call(server, undefined, 'GET', '/room/fish')).status).toBe(200);
  });

  it('a second server without Redis is refused', async () => {
    const { code, stderr } = await refusedStart({ env });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'Another Plaza server is working on this database. Stop it first: without Redis there can be only one.\n',
    });
  });

  it('a second server is allowed when a test says so', async () => {
    const second = await startPlaza({ env: { ...env, PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: 'true' } });
    expect((await call(second, undefined, 'GET', '/room/lobby')).status).toBe(200);
    expect((await second.stop()).code).toBe(0);
  });

  it('a server with another key is refused', async () => {
    const { code, stderr } = await refusedStart({
      env: { DATABASE_URL: postgres.url, PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: 'true' },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/key file .* is missing, but the database belongs to the key [0-9a-f]{64}/);
  });

  it.each([
    ['nobody listens', 'postgres://plaza@127.0.0.1:1/plaza', /DATABASE_URL.*ECONNREFUSED/],
    ['nobody listens on any address', 'postgres://plaza@localhost:1/plaza', /DATABASE_URL.*ECONNREFUSED/],
    ['the host does not exist', 'postgres://plaza@plaza.invalid/plaza', /DATABASE_URL.*plaza\.invalid/],
  ])('where %s is refused in a line', async (_, url, text) => {
    const { code, stderr } = await refusedStart({ env: { DATABASE_URL: url } });
    expect(stderr.trim()).toMatch(text);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  it.each([
    [
      'a wrong password',
      (url: URL) => (url.password = 'hunter2'),
      /DATABASE_URL.*password authentication failed/,
    ],
    [
      'an unknown database',
      (url: URL) => (url.pathname = '/nowhere'),
      /DATABASE_URL.*"nowhere" does not exist/,
    ],
  ])('with %s is refused in a line', async (_, change, text) => {
    const url = new URL(postgres.url);
    change(url);
    const { code, stderr } = await refusedStart({ env: { DATABASE_URL: url.href } });
    expect(stderr.trim()).toMatch(text);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('hunter2');
    expect(code).toBe(1);
    const command = await plazaCommand(
      { dataDir: freshFolder(), env: { DATABASE_URL: url.href } },
      'room',
      'list',
    );
    expect(command).toEqual({ code: 1, stdout: '', stderr });
  });
});
