import { join } from 'node:path';
import fc from 'fast-check';
import { endEverything } from '../support/kept-processes.js';
import { call, newAccount, onionCall, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { exchange } from '../support/raw-http.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { FUZZ_SCALE, FUZZ_SEED } from './fuzz-run.js';
import {
  closeConnections,
  hostileCalls,
  sendHostile,
  type Endpoint,
  type HostileCall,
  type Targets,
} from './hostile-traffic.js';
import { almost, hostileText } from './hostile-values.js';

/** A whole server behind its port: every route, signed by everybody and by nobody, over HTTP, in batches and in onions. */

jest.setTimeout(400_000 * FUZZ_SCALE);

const AT_ONCE = 16;
const ROUND = 2_000;
const GROWTH_MIB_MAX = 16;
const TELL_MEMORY = join(__dirname, '..', 'support', 'tell-memory.cjs');

let server: PlazaProcess;
/** An admin of all, a member, somebody who comes as an unblinded user would not. */
let accounts: Account[];
let targets: Targets;

beforeAll(async () => {
  await sessionClientReady();
  const unlimited = { RATE_LIMIT_POSTS: '0', USER_COST_PER_SECOND_MAX: '0', USER_UPLOADS_MAX: '0' };
  server = await startPlaza({ env: { ...unlimited, NODE_OPTIONS: `--require=${TELL_MEMORY}` } });
  accounts = [newAccount(server), newAccount(server)];
  const [admin, member] = accounts as [Account, Account];
  await server.plaza('moderator', 'add', admin.sessionId, '--global', '--admin');
  await server.plaza('room', 'create', 'second', '--name', 'Second');
  for (let n = 0; n < 10; n++) await post(server, member, 'lobby', `hello ${n}`);
  for (let n = 0; n < 3; n++)
    await call(server, member, 'POST', '/room/lobby/file', { body: Buffer.from('x') });
  const sid = [newAccount(server).blindedId, member.blindedId];
  const ids = Array.from({ length: 20 }, (_, n) => String(n + 1));
  const room = ['lobby', 'lobby', 'second'];
  targets = {
    endpoints: await declaredEndpoints(),
    known: {
      room,
      token: room,
      sid,
      id: ids,
      seqno: ['0', '1'],
      infoUpdates: ['0'],
      emoji: ['👍', '%F0%9F%8D%8D'],
    },
  };
});
afterAll(async () => {
  closeConnections();
  await server?.stop();
  await endEverything();
});

/** Of the protocol and of the admin API, as the server itself describes them, and the pages. */
async function declaredEndpoints(): Promise<Endpoint[]> {
  const pages = [
    '/',
    '/r/{room}/',
    '/r/{room}/invite.png',
    '/health/ready',
    '/admin',
    '/api/docs',
    '/{room}',
  ];
  const endpoints = pages.map((path) => ({ method: 'GET', path }));
  for (const target of ['/api/openapi.json', '/admin/openapi.json']) {
    const { json } = await call(server, undefined, 'GET', target);
    for (const [path, methods] of Object.entries((json as { paths: Record<string, object> }).paths))
      endpoints.push(...Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })));
  }
  return endpoints;
}

/** Statuses and how often each came; throws for the first failure of the server's, with what it was asked. */
async function hail(calls: readonly HostileCall[]): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let hostile = calls[next++]; hostile; hostile = calls[next++]) {
      const status = await sendHostile(server, hostile, accounts);
      if (status >= 500 || status < 200)
        throw new Error(
          `${status} for ${JSON.stringify({ ...hostile, body: hostile.body?.toString('latin1') })}`,
        );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return statuses;
}

/** What the server has in memory and still needs, as test/support/tell-memory.cjs has it say. */
async function memoryMib(): Promise<number> {
  const told = server.stderr().length;
  process.kill(server.pid, 'SIGUSR2');
  for (const until = Date.now() + 60_000; Date.now() < until;) {
    const bytes = /memory in use: (\d+)\n/.exec(server.stderr().slice(told))?.[1];
    if (bytes !== undefined) return Number(bytes) / (1024 * 1024);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it does not say how much memory it uses');
}

/** Lines of the log at level `error` and above, and whatever is no line of the log. */
const complaints = (): string[] =>
  [...server.stdout().split('\n'), ...server.stderr().split('\n')].filter((line) =>
    /"level":(?:50|60|"error"|"fatal")|\bERROR\b|Unhandled|Warning:/.test(line),
  );

async function expectHealthy(): Promise<void> {
  const visitor = newAccount(server);
  expect((await call(server, undefined, 'GET', '/health/ready')).status).toBe(200);
  expect((await call(server, visitor, 'GET', '/rooms')).status).toBe(200);
  expect((await onionCall(server, visitor, 'GET', '/room/lobby')).status).toBe(200);
  expect((await post(server, accounts[0]!, 'lobby', 'still here')).status).toBe(201);
  expect(complaints()).toEqual([]);
}

describe('a server under hostile requests', () => {
  it('answers each with less than 500, logs no error, and does not grow', async () => {
    const calls = hostileCalls(targets, accounts);
    const rounds = 2 + FUZZ_SCALE;
    const inUse: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const statuses = await hail(fc.sample(calls, { seed: FUZZ_SEED + round, numRuns: ROUND }));
      // Not all of it may be refused at the door.
      for (const status of [200, 400, 401, 403, 404, 405]) expect([...statuses.keys()]).toContain(status);
      inUse.push(await memoryMib());
    }
    await expectHealthy();
    expect(inUse.at(-1)! - inUse[1]!).toBeLessThan(GROWTH_MIB_MAX);
  });

  it('takes bytes that are no HTTP', async () => {
    const good = 'POST /batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]';
    const bytes = fc.sample(fc.oneof({ weight: 4, arbitrary: almost(good) }, hostileText), {
      seed: FUZZ_SEED,
      numRuns: 300 * FUZZ_SCALE,
    });
    for (const text of bytes) {
      // The end of what may be half a request, so that nobody waits for more.
      const answer = await exchange(server, text, '\r\n\r\n', '0\r\n\r\n'.repeat(3));
      expect(answer).not.toMatch(/HTTP\/1\.1 5/);
    }
    await expectHealthy();
  });
});
