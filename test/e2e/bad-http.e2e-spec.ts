import { METHODS } from 'node:http';
import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, onionCall, signed } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { exchange, openConnection, parseAnswer, rawRequest, readToEnd } from '../support/raw-http.js';
import { Account, authHeaders, sessionClientReady } from '../support/session-client.js';

jest.setTimeout(180_000);

let server: PlazaProcess;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
});
afterAll(() => server?.stop());
afterAll(endEverything);

const TEXT = 'text/plain; charset=utf-8';
const BODY_MAX = 11 * 1024 * 1024;
const get = (target: string) => call(server, undefined, 'GET', target);
const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));

describe('bodies', () => {
  it('nested 1000 deep are 400', async () => {
    const account = newAccount(server);
    for (const target of ['/batch', '/sequence', '/room/lobby/message']) {
      const { status, headers } = await call(server, account, 'POST', target, { body: nested(1000) });
      expect({ status, type: headers['content-type'] }).toEqual({ status: 400, type: TEXT });
    }
  });

  it('of a million brackets are refused as fast', async () => {
    const started = Date.now();
    expect((await call(server, undefined, 'POST', '/batch', { body: nested(1_000_000) })).status).toBe(400);
    // Read bracket by bracket for each of them it takes minutes.
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it.each(['', ' ', '{', 'null', '7', '"x"', '{"a":1,}', '\ufeff[]', '[]x', "['a']", '[NaN]'])(
    'that are no JSON list are 400 where one is due: %p',
    async (text) =>
      expect((await call(server, undefined, 'POST', '/batch', { body: Buffer.from(text) })).status).toBe(400),
  );

  it('that are not UTF-8 are 400', async () => {
    const body = Buffer.concat([Buffer.from('["'), Buffer.from([0xff, 0xfe]), Buffer.from('"]')]);
    expect((await call(server, undefined, 'POST', '/batch', { body })).status).toBe(400);
  });

  it('of the greatest size are read', async () => {
    const body = Buffer.alloc(BODY_MAX, ' ');
    body.write('[]');
    expect((await call(server, undefined, 'POST', '/batch', { body })).json).toEqual([]);
  });

  // No more than needed is sent: on bytes that nobody reads the connection is reset, and the answer may get lost.
  const TOO_LARGE = { status: 413, type: TEXT, text: 'Payload Too Large' };
  const refusalIn = (text: string) => {
    const { status, headers, body } = parseAnswer(text);
    return { status, type: headers['content-type'], text: body.toString() };
  };

  it.each(['/batch', '/room/lobby/message', '/oxen/v4/lsrpc', '/oxen/v3/lsrpc', '/no/where'])(
    'that announce one byte more are 413 before they are sent, at %s',
    async (target) => {
      const head = `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${BODY_MAX + 1}\r\n\r\n`;
      expect(refusalIn(await exchange(server, head))).toEqual(TOO_LARGE);
    },
  );

  it.each(['/batch', '/oxen/v4/lsrpc'])(
    'that grow one byte longer in chunks are 413, at %s',
    async (target) => {
      const head = `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const chunk = (bytes: Buffer): Buffer =>
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
      const most = chunk(Buffer.alloc(BODY_MAX, ' '));
      expect(refusalIn(await exchange(server, head, most, chunk(Buffer.from(' '))))).toEqual(TOO_LARGE);
    },
  );

  it.each([
    undefined,
    'application/json',
    'application/json; charset=',
    ';;;',
    'multipart/form-data',
    '/',
    'a b',
  ])('are read whatever their content type: %p', async (type) => {
    const headers = type === undefined ? {} : { 'Content-Type': type };
    const { status, json } = await call(server, undefined, 'POST', '/batch', { json: [], headers });
    expect({ status, json }).toEqual({ status: 200, json: [] });
  });

  it('are asked for with 100 Continue', async () => {
    const socket = openConnection(server);
    const answer = readToEnd(socket);
    socket.write(
      'POST /batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write('[]');
    const [first, ...rest] = (await answer).split('\r\n\r\n');
    expect(first).toBe('HTTP/1.1 100 Continue');
    expect(parseAnswer(rest.join('\r\n\r\n')).status).toBe(200);
  });
});

describe('paths', () => {
  it.each(['/room/%zz', '/%', '/room/lobby%', '/%ff', '/%c3%28', '/room/%ed%a0%80'])(
    'with bad percent-encoding are 400: %s',
    async (target) => {
      const { status, headers } = await get(target);
      expect({ status, type: headers['content-type'] }).toEqual({ status: 400, type: TEXT });
    },
  );

  it('of raw bytes that are no UTF-8 are 400', async () => {
    const target = Buffer.from([0x2f, 0xff, 0xfe]);
    expect((await rawRequest(server, { method: 'GET', target })).status).toBe(400);
  });

  it.each([
    '/capabilities/',
    '/rooms/',
    '/room/lobby/',
    '//rooms',
    '/room//lobby',
    '/room/lobby/pollinfo/0',
    '/room/lobby/..',
  ])('are compared exactly, so this is 404: %s', async (target) =>
    expect((await get(target)).status).toBe(404),
  );

  it('may name a room in any case', async () => {
    expect((await get('/room/LOBBY')).json.token).toBe('lobby');
  });

  it.each(['%00', 'lobby%00', '%2e%2e', 'a'.repeat(65), 'l%C3%B6bby', '__proto__', "lobby'--"])(
    'with no room in them are 404: /room/%s',
    async (token) => expect((await get(`/room/${token}`)).status).toBe(404),
  );

  it.each(['-1', '+1', '1.5', '1e3', '0x10', 'x', '', '%20', '9223372036854775808', '9'.repeat(400), '１'])(
    'with %p for a number are 404',
    async (text) => {
      const number = encodeURIComponent(text).replaceAll('%25', '%');
      const targets = ['messages/since', 'messages/before', 'message', 'pollInfo'];
      for (const path of targets) expect((await get(`/room/lobby/${path}/${number}`)).status).toBe(404);
    },
  );

  it('may hold the greatest int8', async () => {
    const most = '9223372036854775807';
    expect((await get(`/room/lobby/messages/since/${most}`)).json).toEqual([]);
    expect((await get(`/room/lobby/messages/before/${most}`)).status).toBe(200);
    expect((await get(`/room/lobby/message/${most}`)).status).toBe(404);
    expect((await get(`/room/lobby/pollInfo/${most}`)).json).toHaveProperty('details');
  });

  it.each([
    ['/room/lobby/👍', 404],
    ['/räume', 404],
    ['/room/lobby/messages/recent?x=…', 200],
    ['/room/lobby?emoji=👍', 200],
  ])('are signed percent-decoded, so %s is not 401', async (target, status) => {
    const account = newAccount(server);
    const encoded = encodeURI(target);
    expect((await call(server, account, 'GET', encoded)).status).toBe(status);
    expect((await onionCall(server, account, 'GET', encoded)).status).toBe(status);
  });

  it.each([
    ['/room/lobby/👍', 404],
    ['/room/lobby/messages/recent?x=…', 200],
  ])('may be raw UTF-8 inside an onion or a batch: %s', async (target, status) => {
    const account = newAccount(server);
    expect((await onionCall(server, account, 'GET', target)).status).toBe(status);
    const batch = await call(server, account, 'POST', '/batch', { json: [{ method: 'GET', path: target }] });
    expect(batch.json[0].code).toBe(status);
  });

  it('are signed with the query as it was sent, not in another form', async () => {
    const account = newAccount(server);
    const headers = authHeaders(account, {
      method: 'GET',
      target: '/room/lobby/messages/recent?limit=5&t=r',
    });
    const answer = await call(server, undefined, 'GET', '/room/lobby/messages/recent?t=r&limit=5', {
      headers,
    });
    expect(answer.status).toBe(401);
  });
});

describe('methods', () => {
  const KNOWN = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];
  const OTHERS = METHODS.filter((method) => !KNOWN.includes(method) && method !== 'CONNECT');

  it.each(OTHERS)('%s is 405 on a known path, 404 on an unknown one', async (method) => {
    const { status, headers } = await rawRequest(server, { method, target: '/room/lobby' });
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, PUT, HEAD' });
    expect((await rawRequest(server, { method, target: '/room/nowhere' })).status).toBe(405);
    expect((await rawRequest(server, { method, target: '/no/where' })).status).toBe(404);
  });

  it.each([
    ['POST', '/capabilities'],
    ['DELETE', '/rooms'],
    ['GET', '/batch'],
    ['PUT', '/sequence'],
    ['GET', '/oxen/v4/lsrpc'],
    ['DELETE', '/loki/v3/lsrpc'],
    ['POST', '/room/lobby/messages/recent'],
    ['POST', '/room/nowhere/pollInfo/0'],
  ])('%s %s is 405', async (method, target) =>
    expect((await call(server, undefined, method, target)).status).toBe(405),
  );

  it.each(['FETCH', 'get', 'G@T', ''])('that HTTP does not know are 400: %p', async (method) =>
    expect((await rawRequest(server, { method, target: '/rooms' })).status).toBe(400),
  );

  it.each([
    '/capabilities',
    '/rooms',
    '/room/lobby',
    '/room/nowhere',
    '/nowhere',
    '/room/lobby/messages/recent',
  ])('HEAD %s answers like GET, without the body', async (target) => {
    const [head, full] = [await call(server, undefined, 'HEAD', target), await get(target)];
    const shown = ({ status, headers }: typeof head) => ({
      status,
      type: headers['content-type'],
      length: headers['content-length'],
    });
    expect(shown(head)).toEqual(shown(full));
    expect({ body: head.body.length, length: full.headers['content-length'] }).toEqual({
      body: 0,
      length: String(full.body.length),
    });
  });

  it('HEAD is signed as HEAD', async () => {
    const account = newAccount(server);
    expect((await call(server, account, 'HEAD', '/rooms')).status).toBe(200);
    const { headers } = signed(account, 'GET', '/rooms');
    expect((await call(server, undefined, 'HEAD', '/rooms', { headers })).status).toBe(401);
  });
});

describe('queries', () => {
  it.each(['limit=', 'limit=1.5', 'limit=x', 'limit=1e2', 'limit=%00', 'reactors=x', 'limit=0x1'])(
    'with %s are 400',
    async (query) => expect((await get(`/room/lobby/messages/recent?${query}`)).status).toBe(400),
  );

  it.each<[string, number]>([
    ['', 100],
    ['limit=7', 7],
    ['limit=0', 1],
    ['limit=-5', 1],
    ['limit=256', 256],
    ['limit=257', 256],
    ['limit=99999999999999999999', 256],
    ['limit=3&limit=5', 3],
  ])('with "%s" give %i of 300 messages', async (query, count) => {
    const account = Account.named('writer', server.publicKey);
    if ((await get('/room/lobby')).json.message_sequence === 0) {
      const part = { method: 'POST', path: '/room/lobby/message', json: messageBody(account, 'hello') };
      await call(server, account, 'POST', '/batch', { json: Array<unknown>(300).fill(part) });
    }
    for (const path of ['recent', 'since/0', 'before/9000000'])
      expect((await get(`/room/lobby/messages/${path}?${query}`)).json).toHaveLength(count);
  });

  it.each(['reactors=-1', 'reactors=21', 'unknown', '&&&', '=', '%'])('with %s are accepted', async (query) =>
    expect((await get(`/room/lobby/messages/recent?${query}`)).status).toBe(200),
  );
});

describe('header blocks', () => {
  it('over 16 KiB are 431', async () => {
    const headers = { 'X-Long': 'x'.repeat(17 * 1024) };
    expect((await rawRequest(server, { method: 'GET', target: '/rooms', headers })).status).toBe(431);
  });

  it('of many short headers over 16 KiB are 431', async () => {
    const headers = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`X-${at}`, 'some value']));
    expect((await rawRequest(server, { method: 'GET', target: '/rooms', headers })).status).toBe(431);
  });

  it('of 15 KiB are read', async () => {
    const headers = { 'X-Long': 'x'.repeat(15 * 1024) };
    expect((await rawRequest(server, { method: 'GET', target: '/rooms', headers })).status).toBe(200);
  });

  it('that lie about the length of the body in two ways are 400', async () => {
    const text =
      'POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(parseAnswer(await exchange(server, text)).status).toBe(400);
  });
});

describe('connections', () => {
  it('that stay half open block nobody', async () => {
    const halfRequests = [
      '',
      'GET /rooms HT',
      'GET /rooms HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      'POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[',
      'POST /oxen/v4/lsrpc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    ];
    const sockets = Array.from({ length: 300 }, (_, at) => {
      const socket = openConnection(server);
      socket.write(halfRequests[at % halfRequests.length]!);
      return socket;
    });
    const started = Date.now();
    for (let turn = 0; turn < 20; turn++) expect((await get('/rooms')).status).toBe(200);
    expect(Date.now() - started).toBeLessThan(20_000);
    for (const socket of sockets) socket.destroy();
    expect((await get('/rooms')).status).toBe(200);
  });

  it('that are cut while the answer is made harm nobody', async () => {
    for (let turn = 0; turn < 50; turn++) {
      const socket = openConnection(server);
      socket.write('GET /rooms HTTP/1.1\r\nHost: x\r\n\r\n', () => socket.destroy());
    }
    expect((await get('/rooms')).status).toBe(200);
  });

  it('may carry several requests at once', async () => {
    const one = 'GET /capabilities HTTP/1.1\r\nHost: x\r\n\r\n';
    const last = 'GET /rooms HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const answers = (await exchange(server, one.repeat(5) + last)).match(/HTTP\/1\.1 200 OK/g);
    expect(answers).toHaveLength(6);
  });
});

describe('every answer', () => {
  it.each([
    ['GET', '/capabilities', 200, 'application/json'],
    ['GET', '/rooms', 200, 'application/json'],
    ['GET', '/room/lobby/messages/recent', 200, 'application/json'],
    ['GET', '/capabilities?required=x', 412, 'application/json'],
    ['POST', '/batch', 400, TEXT],
    ['POST', '/room/lobby/message', 401, TEXT],
    ['GET', '/nowhere', 404, TEXT],
    ['PATCH', '/rooms', 405, TEXT],
    ['GET', '/%zz', 400, TEXT],
  ])('%s %s is %i with the length and %s', async (method, target, status, type) => {
    const { headers, body, ...answer } = await rawRequest(server, { method, target });
    expect({ status: answer.status, type: headers['content-type'] }).toEqual({ status, type });
    expect(headers['content-length']).toBe(String(body.length));
    expect(headers).not.toHaveProperty('transfer-encoding');
  });
});
