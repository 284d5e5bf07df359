import { setTimeout as delay } from 'node:timers/promises';
import { readRunFile } from '../../libs/storage/data-folder.js';
import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, onionCall, signed } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sendRequest } from '../support/raw-http.js';
import { connect } from '../support/scratch-database.js';
import { authHeaders, sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

let server: PlazaProcess;
let account: Account;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
});
beforeEach(() => (account = newAccount(server)));
afterAll(() => server?.stop());
afterAll(endEverything);

const bundle = (json: unknown, target = '/batch') => call(server, account, 'POST', target, { json });
const aPost = (text = 'hello') => ({
  method: 'POST',
  path: '/room/lobby/message',
  json: messageBody(account, text),
});
const GET = { method: 'GET', path: '/capabilities' };
const messageCount = async (): Promise<number> =>
  (await call(server, undefined, 'GET', '/room/lobby')).json.message_sequence as number;

describe.each(['/batch', '/sequence'])('POST %s', (target) => {
  it.each<[string, unknown]>([
    ['no list', { 0: GET }],
    ['a list in a list', [[GET]]],
    ['a part that is null', [null]],
    ['a part without method', [{ path: '/rooms' }]],
    ['a part without path', [{ method: 'GET' }]],
    ['a method in lower case', [{ ...GET, method: 'get' }]],
    ['another method: PATCH', [{ ...GET, method: 'PATCH', json: {} }]],
    ['another method: HEAD', [{ ...GET, method: 'HEAD' }]],
    ['a path without slash', [{ ...GET, path: 'capabilities' }]],
    ['an absolute URL', [{ ...GET, path: 'http://localhost/capabilities' }]],
    ['a path that is no text', [{ ...GET, path: 7 }]],
    ['a POST without body', [{ method: 'POST', path: '/batch' }]],
    ['a PUT without body', [{ method: 'PUT', path: '/room/lobby' }]],
    ['two bodies', [{ method: 'POST', path: '/batch', json: [], b64: 'W10=' }]],
    ['two bodies, one of them null', [{ method: 'POST', path: '/batch', json: null, bytes: '' }]],
    ['a GET with a body', [{ ...GET, json: {} }]],
    ['a GET with an empty body', [{ ...GET, bytes: '' }]],
    ['a DELETE with a body', [{ method: 'DELETE', path: '/room/lobby/message/1', b64: '' }]],
    ['a header that is no text', [{ ...GET, headers: { a: 1 } }]],
    ['headers in a list', [{ ...GET, headers: ['a'] }]],
    ['base64 that is none', [{ method: 'POST', path: '/batch', b64: 'W10*' }]],
    ['base64 with wrong padding', [{ method: 'POST', path: '/batch', b64: 'W10==' }]],
    ['base64 that is no text', [{ method: 'POST', path: '/batch', b64: 7 }]],
    ['bytes that are no text', [{ method: 'POST', path: '/batch', bytes: [91, 93] }]],
  ])('is 400 as a whole, before any part runs, for %s', async (_, wrong) => {
    const before = await messageCount();
    const answer = await bundle(Array.isArray(wrong) ? [aPost(), ...(wrong as unknown[])] : wrong, target);
    expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
      status: 400,
      type: 'text/plain; charset=utf-8',
    });
    expect(await messageCount()).toBe(before);
  });

  it('takes 500 parts, and is 400 for 501', async () => {
    expect((await bundle(Array(500).fill(GET), target)).json).toHaveLength(500);
    expect((await bundle(Array(501).fill(GET), target)).status).toBe(400);
  });

  it('answers an empty list with one', async () => expect((await bundle([], target)).json).toEqual([]));

  it.each(['/batch', '/sequence'])('is refused inside %s, that part alone', async (inner) => {
    const { json } = await bundle([{ method: 'POST', path: inner, json: [GET] }], target);
    expect(json).toEqual([{ code: 400, headers: expect.anything(), body: expect.any(String) }]);
  });

  it('refuses an onion inside, that part alone', async () => {
    const part = { method: 'POST', path: '/oxen/v4/lsrpc', bytes: 'x' };
    const { status, json } = await bundle([part], target);
    expect({ status, code: json[0].code }).toEqual({ status: 200, code: 400 });
  });

  it('works inside an onion', async () => {
    const { status, json } = await onionCall(server, account, 'POST', target, { json: [GET, aPost()] });
    expect({ status, codes: json.map(({ code }: { code: number }) => code) }).toEqual({
      status: 200,
      codes: [200, 201],
    });
  });
});

describe('a part', () => {
  it('is 431 when its path and headers are longer than a header block may be, that part alone', async () => {
    const long = 'x'.repeat(17_000);
    const { status, json } = await bundle([
      { ...GET, path: `/capabilities?required=${long}` },
      { ...GET, headers: { a: long } },
      GET,
    ]);
    expect({ status, codes: json.map(({ code }: { code: number }) => code) }).toEqual({
      status: 200,
      codes: [431, 431, 200],
    });
  });

  it('has the status, lower-case headers without content-length, and JSON as JSON', async () => {
    expect((await bundle([GET])).json).toEqual([
      {
        code: 200,
        headers: { 'content-type': 'application/json' },
        body: { capabilities: ['blind', 'reactions', 'sogs'] },
      },
    ]);
  });

  it('has anything but JSON in base64', async () => {
    expect((await bundle([{ method: 'GET', path: '/nowhere' }])).json).toEqual([
      {
        code: 404,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: Buffer.from('Not Found').toString('base64'),
      },
    ]);
  });

  it('may have its body as json, b64 or bytes', async () => {
    const body = JSON.stringify(messageBody(account, 'hello'));
    const part = { method: 'POST', path: '/room/lobby/message' };
    const { json } = await bundle([
      { ...part, json: JSON.parse(body) as unknown },
      { ...part, b64: Buffer.from(body).toString('base64') },
      { ...part, b64: Buffer.from(body).toString('base64').replace(/=+$/, '') },
      { ...part, bytes: body },
    ]);
    expect(json.map(({ code }: { code: number }) => code)).toEqual([201, 201, 201, 201]);
  });

  it('whose json is null has a body, an empty one', async () => {
    const { status, json } = await bundle([{ method: 'POST', path: '/room/lobby/message', json: null }]);
    expect({ status, code: json[0].code }).toEqual({ status: 200, code: 400 });
  });

  it('is asked by the user of the whole, whatever X-SOGS headers it has', async () => {
    const other = newAccount(server);
    const part = aPost();
    const [method, path] = [part.method, part.path];
    const body = Buffer.from(JSON.stringify(part.json));
    const headers = {
      ...authHeaders(other, { method, target: path, body }),
      Room: 'x',
      'Content-Length': '0',
    };
    const { json } = await bundle([{ ...part, headers }]);
    expect(json[0].body.session_id).toBe(account.blindedId);
  });

  it('of an anonymous whole is anonymous, whatever X-SOGS headers it has', async () => {
    const part = aPost();
    const body = Buffer.from(JSON.stringify(part.json));
    const headers = authHeaders(account, { method: part.method, target: part.path, body });
    const { json } = await call(server, undefined, 'POST', '/batch', { json: [{ ...part, headers }] });
    expect(json[0].code).toBe(401);
  });

  it('may have headers null or none', async () => {
    const { json } = await bundle([{ ...GET, headers: null }, GET]);
    expect(json.map(({ code }: { code: number }) => code)).toEqual([200, 200]);
  });

  it('with bad percent-encoding is 400 alone', async () => {
    const { status, json } = await bundle([{ ...GET, path: '/room/%zz' }, GET]);
    expect({ status, codes: json.map(({ code }: { code: number }) => code) }).toEqual({
      status: 200,
      codes: [400, 200],
    });
  });
});

describe('a batch', () => {
  it('answers its parts in their order, whatever becomes of each', async () => {
    const parts = [
      GET,
      { method: 'GET', path: '/nowhere' },
      { method: 'DELETE', path: '/rooms' },
      aPost(),
      GET,
    ];
    const { status, json } = await bundle(parts);
    expect({ status, codes: json.map(({ code }: { code: number }) => code) }).toEqual({
      status: 200,
      codes: [200, 404, 405, 201, 200],
    });
  });

  it('may be anonymous', async () => {
    const { json } = await call(server, undefined, 'POST', '/batch', { json: [GET, aPost()] });
    expect(json.map(({ code }: { code: number }) => code)).toEqual([200, 401]);
  });

  it('shows a later part what an earlier one did', async () => {
    const { json } = await bundle([
      aPost('first'),
      { method: 'GET', path: '/room/lobby/messages/recent?limit=1' },
    ]);
    expect(json[1].body[0].id).toBe(json[0].body.id);
  });
});

/** While `work` goes on nobody can post in the lobby. It is given a way to tell whether somebody wants to. */
async function blocked(work: (somebodyWaits: () => Promise<boolean>) => Promise<void>): Promise<void> {
  const { databaseUrl } = (await readRunFile(server.dataDir))!;
  const [blocker, observer] = [await connect(databaseUrl), await connect(databaseUrl)];
  await blocker.query('BEGIN');
  await blocker.query(`SELECT FROM rooms WHERE token = 'lobby' FOR UPDATE`);
  await work(async () => {
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return (await observer.query(waiting)).rows.length > 0;
  });
  await blocker.query('COMMIT');
  for (const client of [blocker, observer]) await client.end();
}

describe('a long batch', () => {
  it('ends when whoever sent it has gone', async () => {
    const before = await messageCount();
    const parts = Array.from({ length: 500 }, () => aPost());
    const { body, headers } = signed(account, 'POST', '/batch', { json: parts });
    await blocked(async (somebodyWaits) => {
      const socket = sendRequest(server, { method: 'POST', target: '/batch', headers, body });
      await until(somebodyWaits);
      socket.destroy();
    });
    while ((await messageCount()) < before + 25) await delay(50);
    await delay(1_000); // in which it would go on
    expect((await messageCount()) - before).toBeLessThan(400);
    expect(((await messageCount()) - before) % 25).toBe(0);
  });
});

describe('a sequence', () => {
  it('stops after the first part outside 2xx, and answers that one too', async () => {
    const before = await messageCount();
    const { json } = await bundle([GET, { method: 'GET', path: '/nowhere' }, aPost()], '/sequence');
    expect(json.map(({ code }: { code: number }) => code)).toEqual([200, 404]);
    expect(await messageCount()).toBe(before);
  });

  it('goes on after 201', async () => {
    const { json } = await bundle([aPost(), GET], '/sequence');
    expect(json.map(({ code }: { code: number }) => code)).toEqual([201, 200]);
  });
});
