import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { endEverything } from '../support/kept-processes.js';
import { call, newAccount, post, signed } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { exchange, openConnection, parseAnswer, rawRequest, readToEnd } from '../support/raw-http.js';
import { sessionClientReady } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const MIB = 1024 * 1024;
const REQUESTS_MAX = 10;

let server: PlazaProcess;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({
    env: {
      REQUESTS_IN_FLIGHT_MAX: String(REQUESTS_MAX),
      BYTES_IN_FLIGHT_MAX: '16MiB',
      CONNECTIONS_MAX: '40',
      BATCH_ANSWER_BYTES_MAX: '1MiB',
      LOG_LEVEL: 'warn',
    },
  });
});
afterAll(() => server?.stop());
afterAll(endEverything);

const BUSY = { status: 503, text: 'Service Unavailable', retryAfter: '2' };
const busyIn = (text: string) => {
  const { status, body, headers } = parseAnswer(text);
  return { status, text: body.toString(), retryAfter: headers['retry-after'] };
};
const capabilities = async () => (await call(server, undefined, 'GET', '/capabilities')).status;

/** A request whose body never comes to an end. */
function unfinished(target: string, { announced = 100, sent = 1, expect = false } = {}) {
  const socket = openConnection(server);
  const expectation = expect ? 'Expect: 100-continue\r\n' : '';
  socket.write(
    `POST ${target} HTTP/1.1\r\nHost: x\r\n${expectation}Content-Length: ${announced}\r\n\r\n${'x'.repeat(sent)}`,
  );
  return socket;
}

/** One that has its place, for five seconds at least if it is large: the server has asked for its body. */
async function admitted(target: string, announced: number | 'chunked'): Promise<Socket> {
  const body = announced === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${announced}`;
  for (;;) {
    const socket = openConnection(server);
    socket.write(`POST ${target} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n${body}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer.toString().startsWith('HTTP/1.1 100')) return socket;
    // That others have gone may not have been noticed yet.
    socket.destroy();
    await delay(20);
  }
}

const allPlaces = (announced = MIB): Promise<Socket[]> =>
  Promise.all(Array.from({ length: REQUESTS_MAX }, () => admitted('/batch', announced)));

const untilFree = (): Promise<void> =>
  until(async () => {
    const statuses = await Promise.all(Array.from({ length: REQUESTS_MAX }, capabilities));
    return statuses.every((status) => status === 200);
  });

describe('requests that are under way', () => {
  it('beyond the bound are 503 with Retry-After, and nobody keeps a place by being slow', async () => {
    const slow = await allPlaces();
    const { status, headers, text } = await call(server, undefined, 'GET', '/capabilities');
    expect({ status, text, retryAfter: headers['retry-after'] }).toEqual(BUSY);
    expect((await call(server, undefined, 'GET', '/health/live')).status).toBe(200);
    await until(async () => (await capabilities()) === 200);
    slow.forEach((socket) => socket.destroy());
    await untilFree();
  });

  it('with little to send keep no place for longer than a moment', async () => {
    const slow = await allPlaces(100);
    const begun = performance.now();
    await until(async () => (await capabilities()) === 200);
    // Those with much to send have five seconds.
    expect(performance.now() - begun).toBeLessThan(4_500);
    slow.forEach((socket) => socket.destroy());
    await untilFree();
  });

  it('take no places from health checks, which are exactly that', async () => {
    const slow = await allPlaces();
    const statusOf = async (text: string): Promise<number> =>
      parseAnswer(
        await exchange(server, text.replace('\r\n', ' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n')),
      ).status;
    const [live, ready, head, ...others] = await Promise.all([
      statusOf('GET /health/live\r\n\r\n'),
      statusOf('GET /health/ready\r\n\r\n'),
      statusOf('HEAD /health/live\r\n\r\n'),
      statusOf('POST /health/live\r\n\r\n'),
      statusOf('GET /health/live\r\nContent-Length: 5\r\n\r\nhello'),
      statusOf('GET /health/live\r\nTransfer-Encoding: chunked\r\n\r\n'),
      statusOf('GET /health/live?x\r\n\r\n'),
      statusOf('GET //health/live\r\n\r\n'),
      statusOf('GET http://x/health/live\r\n\r\n'),
      statusOf('OPTIONS /health/live\r\n\r\n'),
      statusOf('GET /health/x\r\n\r\n'),
    ]);
    expect([live, ready, head]).toEqual([200, 200, 200]);
    expect(others).toEqual(others.map(() => 503));
    slow.forEach((socket) => socket.destroy());
    await untilFree();
  });

  it('are all answered when they are no more than that at a time, however many come', async () => {
    for (let turn = 0; turn < 20; turn++) {
      const statuses = await Promise.all(Array.from({ length: REQUESTS_MAX / 2 }, capabilities));
      expect(statuses).toEqual(statuses.map(() => 200));
    }
  });
});

describe('large bodies', () => {
  it('beyond the bound are 503 before they are read; small ones go on', async () => {
    const first = await admitted('/room/lobby/file', 10 * MIB);
    const refused = await readToEnd(unfinished('/room/lobby/file', { announced: 10 * MIB, sent: 0 }));
    expect(busyIn(refused)).toEqual(BUSY);
    expect((await post(server, newAccount(server), 'lobby', 'hello')).status).toBe(201);
    first.destroy();
    const account = newAccount(server);
    const body = Buffer.alloc(9_000_000, 1);
    const upload = () => call(server, account, 'POST', '/room/lobby/file', { body });
    await until(async () => (await upload().catch(() => undefined))?.status === 201);
  });

  it('are not asked for when a client asks before it sends', async () => {
    const first = await admitted('/room/lobby/file', 10 * MIB);
    const asking = unfinished('/room/lobby/file', { announced: 10 * MIB, sent: 0, expect: true });
    expect(busyIn(await readToEnd(asking))).toEqual(BUSY);
    first.destroy();
    const welcome = unfinished('/batch', { announced: 2, sent: 0, expect: true });
    const answers: string[] = [];
    welcome.on('data', (bytes: Buffer) => answers.push(bytes.toString()));
    await until(() => answers.join('') === 'HTTP/1.1 100 Continue\r\n\r\n');
    welcome.write('[]');
    await until(() => /HTTP\/1\.1 200 OK[^]*\[\]$/.test(answers.join('')));
    welcome.destroy();
  });

  it('of unknown length count as the largest', async () => {
    const chunked = 'POST /batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const first = await admitted('/batch', 'chunked');
    const second = await exchange(server, chunked);
    expect(busyIn(second)).toEqual(BUSY);
    first.destroy();
  });

  it('are never unpacked: a compressed body is bytes like any other', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * MIB, ' '));
    const account = newAccount(server);
    for (const encoding of ['gzip', 'deflate', 'br', 'x-gzip, gzip']) {
      const headers = { 'Content-Encoding': encoding };
      const { status } = await call(server, account, 'POST', '/batch', { body: bomb, headers });
      expect(status).toBe(400);
    }
    const kept = await call(server, account, 'POST', '/room/lobby/file', { body: bomb });
    expect(kept.status).toBe(201);
    const { body } = await call(server, account, 'GET', `/room/lobby/file/${kept.json.id}`);
    expect(body.equals(bomb)).toBe(true);
  });
});

describe('connections', () => {
  it('that say nothing keep nobody out, however many there are', async () => {
    const silent = Array.from({ length: 60 }, () => openConnection(server));
    expect(await capabilities()).toBe(200);
    await until(() => silent.filter(({ destroyed }) => !destroyed).length <= 40);
    silent.forEach((socket) => socket.destroy());
  });

  it('that asked once and rest keep nobody out, however many there are', async () => {
    const askOnce = async () => {
      const socket = openConnection(server).resume();
      socket.write('GET /capabilities HTTP/1.1\r\nHost: x\r\n\r\n');
      await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      return socket;
    };
    const resting: Socket[] = [];
    for (let at = 0; at < 39; at++) resting.push(await askOnce());
    for (let at = 0; at < 30; at++) {
      const newcomer = await askOnce();
      expect(newcomer.bytesRead).toBeGreaterThan(0);
      resting.push(newcomer);
    }
    await until(() => resting.filter(({ destroyed }) => destroyed).length > 20);
    resting.forEach((socket) => socket.destroy());
  });

  it.each(['/nothing', '/health/ready', '/rooms'])(
    'over which too many requests come at once are read no further: %s',
    async (target) => {
      const socket = openConnection(server);
      const answers: string[] = [];
      socket.on('data', (bytes: Buffer) => answers.push(bytes.toString()));
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(5_000));
      const count = () => answers.join('').match(/HTTP\/1\.1 /g)?.length ?? 0;
      await until(() => count() >= 8);
      await delay(500);
      expect(count()).toBe(8);
      expect(await capabilities()).toBe(200);
      socket.destroy();
    },
  );

  it.each([
    ['without Host', 400, ''],
    ['with an expectation that is not known', 417, 'Host: x\r\nExpect: something\r\n'],
  ])('that break the rules of HTTP are answered and closed: %s', async (_, status, headers) => {
    const answer = await exchange(server, `GET /rooms HTTP/1.1\r\n${headers}\r\n`.repeat(100));
    expect(parseAnswer(answer).status).toBe(status);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('over which headers come too slowly are closed', async () => {
    const begun = Date.now();
    const socket = openConnection(server);
    socket.write('GET /capabilities HTTP/1.1\r\nHost: x\r\n');
    const dripping = setInterval(() => socket.write('X-A: b\r\n'), 1_000);
    const text = await readToEnd(socket);
    clearInterval(dripping);
    expect(parseAnswer(text).status).toBe(408);
    expect(Date.now() - begun).toBeLessThan(60_000);
  });
});

describe('headers', () => {
  it.each([
    ['a header', { target: '/capabilities', headers: { 'X-A': 'a'.repeat(17_000) } }],
    ['many headers', { target: '/capabilities', headers: manyHeaders(900) }],
    ['a path', { target: `/room/${'a'.repeat(17_000)}`, headers: {} }],
  ])('that are too long are 431: %s', async (_, request) => {
    expect((await rawRequest(server, { method: 'GET', ...request })).status).toBe(431);
  });
});

describe('an answer that is not taken', () => {
  it('has to go when somebody else needs the room, and not before', async () => {
    const account = newAccount(server);
    const body = Buffer.alloc(9_000_000);
    const { json } = await call(server, account, 'POST', '/room/lobby/file', { body });
    const target = `/room/lobby/file/${json.id}`;
    const { headers } = signed(account, 'GET', target);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const stuck = openConnection(server);
    stuck.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n${lines.join('')}\r\n`);
    await once(stuck, 'data');
    stuck.pause();
    const download = async () => (await call(server, account, 'GET', target)).status;
    expect(await download()).toBe(503);
    expect(await capabilities()).toBe(200);
    await until(async () => (await download()) === 200);
    stuck.destroy();
  });
});

describe('a batch', () => {
  it('whose parts answer too much together is answered as far as it may be', async () => {
    const account = newAccount(server);
    const { json } = await call(server, account, 'POST', '/room/lobby/file', { body: Buffer.alloc(700_000) });
    const parts = Array.from({ length: 5 }, () => ({ method: 'GET', path: `/room/lobby/file/${json.id}` }));
    const answer = await call(server, account, 'POST', '/batch', { json: parts });
    expect((answer.json as { code: number }[]).map(({ code }) => code)).toEqual([200, 200, 413, 413, 413]);
  });
});

function manyHeaders(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`X-Header-${at}`, 'some value']));
}
