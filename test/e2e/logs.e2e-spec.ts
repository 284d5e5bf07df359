import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { endEverything } from '../support/kept-processes.js';
import { sealOnion } from '../support/onion-client.js';
import { call, newAccount, onionCall, post, signed } from '../support/plaza-calls.js';
import { postmasterPid, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { rawRequest } from '../support/raw-http.js';
import { http, sessionClientReady, sessionMessage } from '../support/session-client.js';

jest.setTimeout(180_000);

/** Words that are in requests and nowhere else. */
const WORD = 'Unmistakable';
const AGENT = 'NosyBrowser/7.0';

let server: PlazaProcess;
/** Everything that must not be written anywhere, by what it is. */
const secrets = new Map<string, string>();
let lines: Record<string, unknown>[];

const keepSecret = (what: string, ...values: string[]): void => {
  for (const value of values) secrets.set(value, what);
};

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { LOG_LEVEL: 'trace', RATE_LIMIT_POSTS: '2' } });
  await makeTraffic();
  await delay(300);
  await server.stop();
  lines = server
    .stderr()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
});
afterAll(endEverything);

/** Requests of every kind, good and bad; what is secret in them goes into `secrets`. */
async function makeTraffic(): Promise<void> {
  const account = newAccount(server);
  keepSecret('a session id', account.blindedId, account.sessionId, account.blindedId.slice(2));
  keepSecret('a key', account.ed25519Public.toString('hex'), account.ed25519Public.toString('base64'));
  const nonce = randomBytes(16);
  keepSecret('a nonce', nonce.toString('base64'), nonce.toString('hex'));
  const text = `${WORD} message`;
  const data = sessionMessage(text);
  keepSecret('message data', data.toString('base64'), data.toString('base64').slice(0, 40), text, WORD);
  for (let count = 0; count < 4; count++) {
    const { headers } = signed(account, 'GET', '/rooms');
    keepSecret('a signature', headers['X-SOGS-Signature']!);
    keepSecret('a nonce', headers['X-SOGS-Nonce']!);
    await call(server, undefined, 'GET', '/rooms', { headers: { ...headers, 'User-Agent': AGENT } });
    await post(server, account, 'lobby', text);
  }
  keepSecret('a user agent', AGENT, 'NosyBrowser');
  keepSecret('a path with its query', 'messages/recent?limit=3', 'limit=3', `/room/${WORD}`);
  await call(server, account, 'GET', '/room/lobby/messages/recent?limit=3');
  await call(server, account, 'GET', `/room/${WORD}/messages/recent?limit=3`);
  await call(server, account, 'POST', '/room/lobby/message', { json: { data: WORD, signature: WORD } });
  await call(server, account, 'PUT', '/room/lobby', { json: { name: WORD } });
  await call(server, account, 'GET', '/rooms', { auth: { nonce } });
  await call(server, account, 'GET', '/rooms', { auth: { nonce } });
  await call(server, account, 'GET', '/rooms', { auth: { signature: randomBytes(64) } });
  await call(server, account, 'POST', '/batch', { json: [{ method: 'GET', path: `/room/${WORD}` }] });
  await onionCall(server, account, 'GET', '/room/lobby/messages/recent?limit=3');
  await onionCall(server, account, 'GET', `/user/${account.blindedId}/ban?limit=3`);
  await strangeTraffic();
  await fromAddress('127.0.0.2', account.blindedId);
  // Failures of the database and of what runs into them, unless nobody came in time to run into one.
  for (let refused = 0; refused === 0;) {
    process.kill(await postmasterPid(server.dataDir), 'SIGKILL');
    for (let good = 0; good < 3; await delay(100)) {
      const { status } = await post(server, newAccount(server), 'lobby', text);
      if (status === 201) good++;
      else refused++;
    }
  }
}

async function strangeTraffic(): Promise<void> {
  await rawRequest(server, { method: 'GET', target: `/%zz/${WORD}?limit=3` });
  await rawRequest(server, { method: 'G@T', target: `/${WORD}` });
  await rawRequest(server, {
    method: 'PROPFIND',
    target: `/${WORD}`,
    headers: { 'X-Forwarded-For': '127.0.0.2' },
  });
  await rawRequest(server, { method: 'GET', target: `/${WORD}`, headers: { 'X-Long': WORD.repeat(2_000) } });
  await http(server.base, { method: 'POST', target: '/oxen/v4/lsrpc', body: randomBytes(500) });
  const { bytes, path } = sealOnion(server.publicKey, Buffer.from(`l99:${WORD}e`));
  await http(server.base, { method: 'POST', target: path, body: bytes });
  await http(server.base, { method: 'POST', target: `/batch?limit=3`, body: Buffer.from(`[{"${WORD}":`) });
}

function fromAddress(localAddress: string, pubkey: string): Promise<void> {
  keepSecret('an IP address', '127.0.0.1', localAddress);
  return new Promise((resolve, reject) => {
    const options = { port: server.port, host: '127.0.0.1', localAddress, path: `/user/${pubkey}` };
    httpRequest(options, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
}

describe('what is logged', () => {
  it('names nobody and says nothing that they said', () => {
    const written = server.stdout() + server.stderr();
    const found = [...secrets].filter(([value]) => written.includes(value));
    expect(found).toEqual([]);
    expect(secrets.size).toBeGreaterThan(15);
  });

  it('has no address, and no id or key but the server’s own', () => {
    const addresses = /\b(?:\d{1,3}\.){3}\d{1,3}\b|::ffff:|::1\b/;
    expect(server.stderr()).not.toMatch(addresses);
    const long = server.stderr().match(/[0-9a-fA-F]{32,}|[A-Za-z0-9+/]{60,}={0,2}/g) ?? [];
    expect(long).toEqual([]);
  });

  it('has a line per request with id, route pattern, status and duration', () => {
    const requests = lines.filter(({ msg }) => msg === 'request');
    expect(requests.length).toBeGreaterThan(20);
    for (const line of requests)
      expect(line).toMatchObject({
        level: expect.any(Number),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        request: expect.stringMatching(/^[a-z0-9]+-[a-z0-9]+$/),
        route: expect.stringMatching(/^(?:unknown|[A-Z]+ \/[^?%]*)$/),
        carrier: expect.stringMatching(/^(?:http|onion v[34])$/),
        status: expect.any(Number),
        milliseconds: expect.any(Number),
      });
    expect(new Set(requests.map(({ request }) => request)).size).toBe(requests.length);
  });

  it.each([
    ['POST /room/{room}/message', 'http', 201],
    ['POST /room/{room}/message', 'http', 400],
    ['POST /room/{room}/message', 'http', 429],
    ['POST /room/{room}/message', 'http', 503],
    ['GET /room/{room}/messages/recent', 'http', 200],
    ['GET /room/{room}/messages/recent', 'http', 404],
    ['GET /room/{room}/messages/recent', 'onion v4', 200],
    ['PUT /room/{room}', 'http', 403],
    ['GET /rooms', 'http', 401],
    ['GET /rooms', 'http', 425],
    ['POST /oxen/v4/lsrpc', 'http', 400],
    ['unknown', 'http', 404],
  ])('tells %s over %s apart by its answer: %i', (route, carrier, status) =>
    expect(lines).toContainEqual(expect.objectContaining({ route, carrier, status })),
  );

  it('is nothing but JSON lines', () => {
    for (const line of lines) expect(line).toEqual(expect.objectContaining({ msg: expect.any(String) }));
  });

  it('tells of a failing database in words', () => {
    expect(server.stderr()).toContain('the embedded database is gone; starting it again');
    expect(server.stderr()).toContain('the database is not available');
  });
});
