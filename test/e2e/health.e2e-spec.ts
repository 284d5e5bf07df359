import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call } from '../support/plaza-calls.js';
import { isAlive, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { setTimeout as delay } from 'node:timers/promises';

jest.setTimeout(60_000);

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

/** The answer is shared for half a second. */
async function readyAnswer(status: number) {
  for (let turn = 0; turn < 100; turn++) {
    const answer = await get('/health/ready');
    if (answer.status === status) return answer;
    await delay(100);
  }
  throw new Error(`/health/ready does not answer ${status}`);
}

/** The worker looks at itself every few seconds. */
async function workerAnswer(worker: string) {
  for (let turn = 0; turn < 200; turn++) {
    const answer = await get('/health/ready');
    if (answer.json.checks.worker === worker) return answer;
    await delay(100);
  }
  throw new Error(`/health/ready does not say that the worker is ${worker}`);
}

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
    const ending = await startPlaza({ env: { STOP_DELAY: '3s', ...env } });
    expect((await call(ending, undefined, 'GET', '/health/ready')).status).toBe(200);
    const begun = performance.now();
    const stopped = ending.stop();
    await delay(1_000);
    const { status, json } = await call(ending, undefined, 'GET', '/health/ready');
    expect({ status, json }).toMatchObject({
      status: 503,
      json: { status: 'not ready', checks: { database: 'ok', processes: 'stopping' } },
    });
    expect((await call(ending, undefined, 'GET', '/rooms')).status).toBe(200);
    expect((await call(ending, undefined, 'GET', '/health/live')).status).toBe(200);
    expect((await stopped).code).toBe(0);
    expect(performance.now() - begun).toBeGreaterThan(3_000);
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
    for (let turn = 0; turn < 100 && (await isAlive(server.pid)); turn++) await delay(100);
    const isEnded = !(await isAlive(server.pid));
    await other.end();
    await own.stop();
    expect(isEnded).toBe(true);
    expect(server.stderr()).toContain('another Plaza server took over this database');
  });
});

/** Ends the connection that holds the only advisory lock, while this one waits for the lock. */
async function takeServerLock(client: Client): Promise<void> {
  const { rows } = await client.query<{ pid: number; key: string }>(
    `SELECT pid, (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1`,
  );
  const [{ pid, key }] = rows as [{ pid: number; key: string }];
  await client.query('SELECT pg_terminate_backend($1)', [pid]);
  await client.query('SELECT pg_advisory_lock($1)', [key]);
}
