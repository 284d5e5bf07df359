import { makeDataFolder } from '../../libs/storage/data-folder.js';
import { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { call } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { setTimeout as delay } from 'node:timers/promises';

jest.setTimeout(60_000);

let postgres: EmbeddedPostgres;
let server: PlazaProcess;

beforeAll(async () => {
  const folder = freshFolder();
  await makeDataFolder(folder);
  postgres = await EmbeddedPostgres.start(folder);
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
