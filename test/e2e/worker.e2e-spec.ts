import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, newAccount, post, untilModerator } from '../support/plaza-calls.js';
import {
  postmasterPid,
  runProgram,
  startPlaza,
  PROJECT,
  type PlazaProcess,
} from '../support/plaza-process.js';
import { describeBothBackends } from '../support/both-backends.js';
import { http, sessionClientReady } from '../support/session-client.js';
import { until } from '../support/until.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

jest.setTimeout(180_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const ADMIN_WAIT_MS = 200;

describe('with nothing configured', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    server = await startPlaza();
  });
  afterAll(() => server.stop());

  it('a mute ends by itself', async () => {
    const [moderator, member] = [newAccount(server), newAccount(server)];
    await server.plaza('moderator', 'add', moderator.sessionId, '--room', 'lobby');
    await untilModerator(server, moderator);
    await post(server, member, 'lobby', 'spam');
    const mute = { json: { rooms: ['lobby'], timeout: 6 } };
    const path = `/user/${member.blindedId}/ban`;
    expect((await call(server, moderator, 'POST', path, mute)).status).toBe(200);
    expect((await post(server, member, 'lobby', 'more')).status).toBe(403);
    while ((await post(server, member, 'lobby', 'sorry')).status !== 201) await delay(ADMIN_WAIT_MS);
  });

  it('an upload that nobody used is gone from disk when its time is over', async () => {
    const quick = await startPlaza({ env: { UPLOAD_LIFETIME: '8s' } });
    const body = Buffer.from('bytes');
    const { json } = await call(quick, newAccount(quick), 'POST', '/room/lobby/file', { body });
    const { id } = json as { id: number };
    const path = join(quick.dataDir, 'files', (id % 256).toString(16).padStart(2, '0'), String(id));
    expect(existsSync(path)).toBe(true);
    while (existsSync(path)) await delay(ADMIN_WAIT_MS);
    expect((await quick.stop()).code).toBe(0);
  });

  it('a database that dies while the worker starts keeps the server neither from going on nor from ending', async () => {
    for (const ms of [0, 40, 80, 160]) {
      const other = await startPlaza();
      await delay(ms);
      process.kill(await postmasterPid(other.dataDir), 'SIGKILL');
      await delay(500);
      expect((await call(other, undefined, 'GET', '/health/live')).status).toBe(200);
      const { code, stderr } = await other.stop();
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.not.stringContaining('Unhandled') as string,
      });
    }
  });
});

describeBothBackends((redis) => {
  let postgres: EmbeddedPostgres;
  let server: PlazaProcess;
  let worker: WorkerProcess;
  let env: Record<string, string>;
  beforeAll(async () => {
    postgres = await startOwnPostgres();
    const redisUrl = redis()?.url;
    env = { DATABASE_URL: postgres.url, ...(redisUrl !== undefined && { REDIS_URL: redisUrl }) };
    server = await startPlaza({ env: { ...env, RUN_WORKER: 'false' } });
    worker = await startWorkerProcess({ dataDir: server.dataDir, env });
  });
  afterAll(() => postgres?.stop());

  const ask = async (path: string, method = 'GET') => {
    const { status, body, headers } = await http(worker.healthBase, { method, target: path });
    return { status, json: body.length > 0 ? (JSON.parse(body.toString()) as unknown) : undefined, headers };
  };
  async function answer(status: number): Promise<unknown> {
    for (;;) {
      const answered = await ask('/health/ready');
      if (answered.status === status) return answered.json;
      await delay(50);
    }
  }
  const told = () =>
    worker
      .stderr()
      .split('\n')
      .filter((line) => line.includes('the worker waits') || line.includes('the worker goes on')).length;
  const tellsOnce = async (before: number): Promise<void> => {
    await until(() => told() > before);
    await delay(1_000);
    expect(told()).toBe(before + 1);
  };

  it('a server says that its worker is apart', async () => {
    const { json } = await call(server, undefined, 'GET', '/health/ready');
    expect(json).toEqual({
      status: 'ready',
      checks: { database: 'ok', migrations: 'ok', ...(redis() && { redis: 'ok' }), worker: 'apart' },
    });
  });

  it('a worker apart answers /health/live and /health/ready like a server, and nothing else', async () => {
    expect(await answer(200)).toEqual({
      status: 'ready',
      checks: { database: 'ok', migrations: 'ok', jobs: 'ok' },
    });
    expect(await ask('/health/live')).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(await ask('/health/live', 'HEAD')).toMatchObject({ status: 200, json: undefined });
    expect((await ask('/health/live')).headers['content-type']).toBe('application/json');
    expect((await ask('/rooms')).status).toBe(404);
    expect((await ask('/health/ready', 'POST')).status).toBe(405);
  });

  it('without its database it is live but not ready, tells it once, and goes on by itself', async () => {
    const before = told();
    await postgres.stop();
    expect(await answer(503)).toMatchObject({
      status: 'not ready',
      checks: { database: 'not reachable' },
    });
    expect((await ask('/health/live')).status).toBe(200);
    await tellsOnce(before);
    await postgres.restart();
    await answer(200);
    await tellsOnce(before + 1);
  });

  it('without Redis too', async () => {
    const queue = redis();
    if (!queue) return; // there is none
    const before = told();
    await queue.stop();
    expect(await answer(503)).toMatchObject({ checks: { database: 'ok', jobs: 'not reachable' } });
    await tellsOnce(before);
    await queue.restart();
    await answer(200);
    await tellsOnce(before + 1);
  });

  it('a second worker works beside it, and each ends when it is told to', async () => {
    const second = await startWorkerProcess({ dataDir: server.dataDir, env });
    expect((await second.stop()).code).toBe(0);
  });

  it('it ends when it is told to although nothing answers any more', async () => {
    await postgres.stop();
    await redis()?.stop();
    await answer(503);
    expect((await worker.stop()).code).toBe(0);
    expect((await server.stop()).code).toBe(0);
    await postgres.restart();
    await redis()?.restart();
  });

  it('a server with the worker inside ends although nothing answers any more', async () => {
    const both = await startPlaza({ env, dataDir: server.dataDir });
    while (!(await call(both, undefined, 'GET', '/health/ready')).text.includes('"worker":"ok"'))
      await delay(50);
    await postgres.stop();
    await redis()?.stop();
    await delay(500);
    expect((await both.stop()).code).toBe(0);
    await postgres.restart();
    await redis()?.restart();
  });
});

it('a worker without a server to work for says so in a line', async () => {
  const program = join(PROJECT, 'dist', 'apps', 'worker', 'src', 'main.js');
  const { code, stderr } = await runProgram(process.execPath, [program], { dataDir: freshFolder() });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'There is no server to work for. Start it first (npm start), or set DATABASE_URL.\n',
  });
});
