import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, type Answer } from '../support/plaza-calls.js';
import { isAlive, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

let postgres: EmbeddedPostgres;
let server: PlazaProcess;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  server = await startPlaza({ env: { DATABASE_URL: postgres.url } });
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});
afterAll(endEverything);

const get = (path: string) => call(server, undefined, 'GET', path);

/** The first answer of this kind. */
async function readiness(isSo: (answer: Answer) => boolean, at = server): Promise<Answer> {
  let answer: Answer;
  await until(async () => isSo((answer = await call(at, undefined, 'GET', '/health/ready'))));
  return answer!;
}

/** Answers are shared for half a second. */
const readyAnswer = (expected: number, at = server) => readiness(({ status }) => status === expected, at);

/** The worker looks at itself every few seconds. */
const workerAnswer = (worker: string) => readiness(({ json }) => json.checks.worker === worker);

describe('health', () => {
  it('is live while the process answers', async () => {
    const { status, json } = await get('/health/live');
    expect({ status, json }).toEqual({ status: 200, json: { status: 'ok' } });
  });

  it('is ready with a database that has all migrations', async () => {
    const { status, json } = await workerAnswer('ok');
    expect({ status, json }).toEqual({
      status: 200,
      json: { status: 'ready', checks: { database: 'ok', migrations: 'ok', worker: 'ok' } },
    });
  });

  it.each(['/health/live', '/health/ready'])('answers HEAD %s like GET, without a body', async (path) => {
    const head = await call(server, undefined, 'HEAD', path);
    expect({ status: head.status, body: head.text }).toEqual({ status: 200, body: '' });
  });

  it('is live but not ready while the database is away, and ready again after it', async () => {
    await postgres.stop();
    const { json } = await readyAnswer(503);
    expect(json).toMatchObject({
      status: 'not ready',
      checks: { database: 'not reachable', migrations: 'unknown' },
    });
    expect((await workerAnswer('database: not reachable, jobs: not reachable')).status).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/rooms')).status).toBe(503);
    await postgres.restart();
    await readyAnswer(200);
    expect((await get('/rooms')).status).toBe(200);
    expect((await workerAnswer('ok')).status).toBe(200);
  });

  it('tells nothing about the installation', async () => {
    const { text, headers } = await get('/health/ready');
    expect(text).not.toMatch(/postgres|\/tmp|version/i);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });
});

describe('a server that is told to stop', () => {
  it.each([
    ['one process', {}],
    ['two processes', { API_PROCESSES: '2', PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: 'true' }],
  ])('is not ready first, and serves for as long as STOP_DELAY says: %s', async (_, env) => {
    const ending = await startPlaza({ env: { STOP_DELAY: '10s', ...env } });
    expect((await call(ending, undefined, 'GET', '/health/ready')).status).toBe(200);
    const begun = performance.now();
    const stopped = ending.stop();
    expect((await readyAnswer(503, ending)).json).toMatchObject({
      status: 'not ready',
      checks: { database: 'ok', processes: 'stopping' },
    });
    expect((await call(ending, undefined, 'GET', '/rooms')).status).toBe(200);
    expect((await call(ending, undefined, 'GET', '/health/live')).status).toBe(200);
    expect((await stopped).code).toBe(0);
    expect(performance.now() - begun).toBeGreaterThan(10_000);
  });
});

describe('a server whose database was taken over', () => {
  it('ends at once, whatever STOP_DELAY says: the other one knows nothing of its nonces', async () => {
    const own = await startOwnPostgres();
    const server = await startPlaza({
      dataDir: freshFolder(),
      env: { DATABASE_URL: own.url, STOP_DELAY: '60s' },
    });
    const other = new Client({ connectionString: own.url });
    await other.connect();
    await takeServerLock(other);
    const taken = performance.now();
    await until(async () => !(await isAlive(server.pid)));
    expect(performance.now() - taken).toBeLessThan(45_000);
    await until(() => server.stderr().includes('another Plaza server took over this database'));
    await other.end();
    await own.stop();
  });
});

/** Ends the connection that holds the only advisory lock, and waits for the lock before that one can take it again. */
async function takeServerLock(client: Client): Promise<void> {
  const { rows } = await client.query<{ pid: number; key: string }>(
    `SELECT pid, (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1`,
  );
  const [{ pid, key }] = rows as [{ pid: number; key: string }];
  await client.query('SELECT pg_terminate_backend($1), pg_advisory_lock($2)', [pid, key]);
}
