import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { MovedClock } from '../support/faults/moved-clock.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { onionRequest } from '../support/onion-client.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, messageBody, newAccount, onionCall, signed, type Community } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';
import { http, sessionClientReady, type AuthOverrides } from '../support/session-client.js';
import { until } from '../support/until.js';

/** A signed request counts once: however often, at once, over what and to which process it is sent (protocol.md §2). */

jest.setTimeout(300_000);

const REUSED = '425 Invalid authentication: X-SOGS-Nonce cannot be reused';
const TOO_FAR = '425 Invalid authentication: X-SOGS-Timestamp is too far from current time';
const COPIES = 50;
const DAY = 86_400;

beforeAll(sessionClientReady);
afterAll(endEverything);

interface SentRequest {
  method: string;
  target: string;
  body: Buffer | undefined;
  headers: Record<string, string>;
}

/** A post, which would be there twice if it counted twice. */
function aPost(at: Community, auth: AuthOverrides = {}): SentRequest {
  const account = newAccount(at);
  const target = '/room/lobby/message';
  const json = messageBody(account, 'once');
  return { method: 'POST', target, ...signed(account, 'POST', target, { json, auth }) };
}

/** Status, and the text of a refusal. */
const shown = (status: number, body: Buffer): string =>
  status < 300 ? String(status) : `${status} ${body.toString()}`;

async function send(at: Community, { method, target, body, headers }: SentRequest): Promise<string> {
  const answer = await http(at.base, { method, target, body }, headers);
  return shown(answer.status, answer.body);
}

async function sendInOnion(at: Community, { method, target, body, headers }: SentRequest): Promise<string> {
  const onion = onionRequest(at.publicKey, { method, endpoint: target, headers, body });
  const outer = await http(at.base, { method: 'POST', target: onion.path, body: onion.bytes });
  const answer = onion.readAnswer(outer.body);
  return shown(answer.status, answer.body);
}

async function messageCount(at: Community): Promise<number> {
  return (await call(at, undefined, 'GET', '/room/lobby')).json.message_sequence as number;
}

/** All of them at once: one is answered 201 and is there once, all others are told what the protocol says. */
async function expectOneWinner(at: Community, sends: (() => Promise<string>)[]): Promise<void> {
  const before = await messageCount(at);
  const answers = await Promise.all(sends.map((one) => one()));
  expect(answers.sort()).toEqual(['201', ...Array<string>(sends.length - 1).fill(REUSED)]);
  expect(await messageCount(at)).toBe(before + 1);
}

const copies = (one: (at: number) => Promise<string>) =>
  Array.from({ length: COPIES }, (_, at) => () => one(at));
const ago = (seconds: number): string => String(Math.floor(Date.now() / 1000) - seconds);

describe('on a server of its own', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    server = await startPlaza();
  });
  afterAll(() => server?.stop());

  it('one of fifty copies that are sent at once gets through', async () => {
    for (let round = 0; round < 5; round++) {
      const request = aPost(server);
      await expectOneWinner(
        server,
        copies(() => send(server, request)),
      );
    }
  });

  it('one of fifty that come plain and in onions, mixed, gets through', async () => {
    for (let round = 0; round < 3; round++) {
      const request = aPost(server);
      await expectOneWinner(
        server,
        copies((at) => (at % 2 ? send : sendInOnion)(server, request)),
      );
    }
  });

  it('the copy is refused over whatever it comes, also in the other spelling of its nonce', async () => {
    const request = aPost(server, { nonceEncoding: 'hex' });
    expect(await sendInOnion(server, request)).toBe('201');
    const nonce = Buffer.from(request.headers['X-SOGS-Nonce']!, 'hex');
    for (const text of [
      nonce.toString('base64'),
      nonce.toString('base64').replace(/=+$/, ''),
      nonce.toString('hex').toUpperCase(),
    ]) {
      const copy = { ...request, headers: { ...request.headers, 'X-SOGS-Nonce': text } };
      expect([await send(server, copy), await sendInOnion(server, copy)]).toEqual([REUSED, REUSED]);
    }
  });

  it('a nonce is used up for everybody, with whatever key, method and time', async () => {
    const auth = { nonce: randomBytes(16) };
    expect((await call(server, newAccount(server), 'GET', '/rooms', { auth })).status).toBe(200);
    for (const [method, target] of [
      ['GET', '/rooms'],
      ['GET', '/capabilities'],
      ['DELETE', '/inbox'],
    ] as const)
      for (const seconds of [0, 3600, DAY - 60, 60 - DAY]) {
        const other = newAccount(server);
        const again = { auth: { ...auth, timestamp: ago(seconds) } };
        const answers = [
          await call(server, other, method, target, again),
          await onionCall(server, other, method, target, again),
        ];
        expect(answers.map(({ status, text }) => `${status} ${text}`)).toEqual([REUSED, REUSED]);
      }
  });

  it('of fifty people with one nonce at once, one gets through', async () => {
    const nonce = randomBytes(16);
    const requests = Array.from({ length: COPIES }, () => aPost(server, { nonce }));
    await expectOneWinner(
      server,
      requests.map((request) => () => send(server, request)),
    );
  });

  it.each([DAY - 30, 30 - DAY])(
    'one that is signed %d s ago, at the edge of what is accepted, counts once',
    async (seconds) => {
      const request = aPost(server, { timestamp: ago(seconds) });
      await expectOneWinner(
        server,
        copies(() => send(server, request)),
      );
    },
  );

  it.each([DAY + 60, -DAY - 60, 10 * DAY])(
    'one that is signed %d s ago is too far away, and its nonce is not used up',
    async (seconds) => {
      const nonce = randomBytes(16);
      expect(await send(server, aPost(server, { nonce, timestamp: ago(seconds) }))).toBe(TOO_FAR);
      expect(await send(server, aPost(server, { nonce }))).toBe('201');
    },
  );

  it('what was answered is refused after a kill -9 right behind the answer, and after a stop', async () => {
    let other = await startPlaza();
    const { dataDir } = other;
    const requests: SentRequest[] = [];
    for (const end of ['kill9', 'kill9', 'stop'] as const) {
      for (const seconds of [0, DAY - 1_200, 1_200 - DAY]) {
        const request = aPost(other, { timestamp: ago(seconds) });
        requests.push(request);
        expect(await send(other, request)).toBe('201');
      }
      await other[end]();
      other = await startPlaza({ dataDir });
      for (const request of requests)
        expect([await send(other, request), await sendInOnion(other, request)]).toEqual([REUSED, REUSED]);
    }
    expect(await messageCount(other)).toBe(requests.length);
    await other.stop();
  });
});

it('what was answered is refused after a start with a clock that is days ahead, and is then set right', async () => {
  const clock = new MovedClock();
  const first = await startPlaza({ env: clock.env });
  const request = aPost(first);
  expect(await send(first, request)).toBe('201');
  await first.kill9();
  await clock.set(3 * DAY * 1000);
  const second = await startPlaza({ dataDir: first.dataDir, env: clock.env });
  expect(await send(second, request)).toBe(TOO_FAR);
  await clock.set(0);
  let answer = TOO_FAR;
  await until(async () => (answer = await send(second, request)) !== TOO_FAR);
  expect(answer).toBe(REUSED);
  await second.stop();
});

describeWithRedis('on two servers with one Redis', () => {
  let redis: ScratchRedis;
  let postgres: EmbeddedPostgres;
  let servers: [PlazaProcess, PlazaProcess];
  let env: Record<string, string>;
  beforeAll(async () => {
    redis = await ScratchRedis.start();
    postgres = await startOwnPostgres();
    env = { REDIS_URL: redis.url, DATABASE_URL: postgres.url, KEY_FILE: join(freshFolder(), 'key') };
    servers = [await startPlaza({ env }), await startPlaza({ env })];
  });
  afterAll(async () => {
    for (const server of servers ?? []) await server.stop();
    await redis?.stop();
    await postgres?.stop();
  });

  it('one of fifty copies, at both of them, plain and in onions, gets through', async () => {
    for (let round = 0; round < 5; round++) {
      const request = aPost(servers[0], { timestamp: ago([0, DAY - 60, 60 - DAY][round % 3]!) });
      await expectOneWinner(
        servers[0],
        copies((at) => (at % 4 < 2 ? send : sendInOnion)(servers[at % 2]!, request)),
      );
    }
  });

  it('what one answered before a kill -9 is refused by the other, and by its successor', async () => {
    const request = aPost(servers[0]);
    expect(await send(servers[0], request)).toBe('201');
    await servers[0].kill9();
    expect(await send(servers[1], request)).toBe(REUSED);
    servers[0] = await startPlaza({ env });
    expect([await send(servers[0], request), await sendInOnion(servers[0], request)]).toEqual([
      REUSED,
      REUSED,
    ]);
  });
});
