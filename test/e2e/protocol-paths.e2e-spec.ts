import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, post, signed, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { rawRequest } from '../support/raw-http.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { StoredState } from '../support/stored-state.js';

/** Numbers, ids and emoji in paths. */

jest.setTimeout(180_000);

let server: PlazaProcess;
let stored: StoredState;
let admin: Account;
let ann: Account;
let id: number;

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({
    env: { RATE_LIMIT_POSTS: '0', REACTIONS_PER_MESSAGE_MAX: '3', REACTIONS_PER_USER_MAX: '2' },
  });
  [admin, ann] = [newAccount(server), newAccount(server)];
  await server.plaza('moderator', 'add', admin.sessionId, '--global', '--admin');
  await call(server, ann, 'POST', '/room/lobby/file', { body: Buffer.from('x') });
  await untilModerator(server, admin);
  stored = await StoredState.of(server);
});
beforeEach(async () => {
  id = (await post(server, ann, 'lobby', 'hello')).json.id as number;
});
afterAll(async () => {
  await stored?.close();
  await server?.stop();
  await endEverything();
});

type Step = [method: string, path: string, json?: unknown];

async function statuses(account: Account, steps: Step[]): Promise<number[]> {
  const codes: number[] = [];
  for (const [method, path, json] of steps)
    codes.push((await call(server, account, method, path, { json })).status);
  return codes;
}

async function refuse(status: number, account: Account, steps: Step[]): Promise<void> {
  const before = await stored.read();
  expect(await statuses(account, steps)).toEqual(steps.map(() => status));
  expect(await stored.read()).toEqual(before);
}

describe('a number in a path', () => {
  const withNumber = (number: string): Step[] => [
    ['GET', `/room/lobby/pollInfo/${number}`],
    ['GET', `/room/lobby/messages/since/${number}`],
    ['GET', `/room/lobby/messages/before/${number}`],
    ['GET', `/room/lobby/message/${number}`],
    ['PUT', `/room/lobby/message/${number}`, messageBody(admin, 'x')],
    ['DELETE', `/room/lobby/message/${number}`],
    ['PUT', `/room/lobby/reaction/${number}/x`, {}],
    ['DELETE', `/room/lobby/reactions/${number}`],
    ['POST', `/room/lobby/pin/${number}`, {}],
    ['POST', `/room/lobby/unpin/${number}`, {}],
    ['GET', `/room/lobby/file/${number}`],
    ['GET', `/inbox/since/${number}`],
    ['GET', `/outbox/since/${number}`],
  ];

  it.each(['-1', '1.5', 'x', '1e3', '0x1', '+1', '%201', '1%20', '9223372036854775808', '9'.repeat(400)])(
    'that is none, %s, is 404',
    (number) => refuse(404, admin, withNumber(number)),
  );

  it('may be as large as an int8, and is then one of nothing that is there', async () => {
    expect(await statuses(admin, withNumber('9223372036854775807'))).toEqual([
      200, 200, 200, 404, 404, 404, 404, 404, 404, 200, 404, 304, 304,
    ]);
  });

  it('may have zeros before it', async () => {
    const [status] = await statuses(ann, [['GET', `/room/lobby/message/000${id}`]]);
    expect(status).toBe(200);
  });
});

describe('a session id in a path', () => {
  const steps = (sid: string): Step[] => [
    ['POST', `/user/${sid}/moderator`, { rooms: ['lobby'], moderator: true }],
    ['POST', `/user/${sid}/ban`, { rooms: ['lobby'] }],
    ['POST', `/user/${sid}/unban`, { rooms: ['lobby'] }],
    ...blindedOnly(sid),
  ];
  const blindedOnly = (sid: string): Step[] => [
    ['GET', `/room/lobby/permissions/${sid}`],
    ['POST', `/room/lobby/permissions/${sid}`, { write: true }],
    ['GET', `/room/lobby/futurePermissions/${sid}`],
    ['POST', `/room/lobby/futurePermissions/${sid}`, { write: true, in: 5 }],
    ['DELETE', `/room/lobby/all/${sid}`],
    ['DELETE', `/rooms/all/${sid}`],
    ['POST', `/inbox/${sid}`, { message: 'YQ==' }],
  ];
  const KEY = 'ab'.repeat(32);

  it.each([
    `15${KEY}0`,
    `15${KEY.slice(1)}`,
    `15${KEY.slice(1)}g`,
    `00${KEY}`,
    `ff${KEY}`,
    `25${KEY}`,
    'x',
    '*',
  ])('that is not one of a user, %s, is 404', (sid) => refuse(404, admin, steps(sid)));

  it('may be a 05 id for roles and bans, and is 404 everywhere else', async () => {
    await refuse(404, admin, blindedOnly(ann.sessionId));
    expect(await statuses(admin, steps(newAccount(server).sessionId).slice(0, 2))).toEqual([200, 200]);
  });

  it('may be in upper case, and means the same', async () => {
    const target = newAccount(server);
    await call(server, target, 'GET', '/capabilities');
    const sid = target.blindedId.toUpperCase();
    expect(await statuses(admin, [['POST', `/room/lobby/permissions/${sid}`, { write: false }]])).toEqual([
      200,
    ]);
    expect(await statuses(admin, [['POST', `/user/${sid}/ban`, { rooms: ['lobby'] }]])).toEqual([200]);
    const { json } = await call(server, admin, 'GET', '/room/lobby/permissions');
    expect(json[target.blindedId]).toEqual({ write: false, banned: true });
    expect(await statuses(target, [['GET', '/room/lobby/messages/recent']])).toEqual([403]);
  });
});

describe('a token in a path', () => {
  it('matches without case, also where rooms are named in a body', async () => {
    expect(await statuses(ann, [['GET', '/room/LOBBY']])).toEqual([200]);
    const sid = newAccount(server).blindedId;
    const { json } = await call(server, admin, 'POST', `/user/${sid}/moderator`, {
      json: { rooms: ['LoBBy'], moderator: true },
    });
    expect(Object.keys(json.info_updates)).toEqual(['lobby']);
  });

  it.each(['x'.repeat(65), 'a b', 'a%20b', 'ä', 'a.b', '%00', '', '..'])(
    'that is none, "%s", is 404',
    (token) =>
      refuse(404, admin, [
        ['GET', `/room/${encodeURI(token)}/messages/recent`],
        ['POST', `/room/${encodeURI(token)}/message`, messageBody(admin, 'x')],
      ]),
  );
});

describe('a query', () => {
  it.each([
    'limit=',
    'limit=1.5',
    'limit=x',
    'limit=1e2',
    'limit=%20',
    'reactors=',
    'reactors=x',
    'limit=0x10',
  ])('with %s is 400', (query) =>
    refuse(400, ann, [
      ['GET', `/room/lobby/messages/recent?${query}`],
      ['GET', `/room/lobby/messages/since/0?${query}`],
      ['GET', `/room/lobby/messages/before/99?${query}`],
    ]),
  );

  it.each([
    ['limit=-5', 1],
    ['limit=0', 1],
    ['limit=2', 2],
    ['limit=1&limit=2', 1],
    [`limit=${'9'.repeat(30)}`, 256],
  ])('with %s has at most %i', async (query, most) => {
    for (let n = 0; n < 3; n++) await post(server, ann, 'lobby', 'more');
    const { json } = await call(server, ann, 'GET', `/room/lobby/messages/recent?${query}`);
    expect(json.length).toBeLessThanOrEqual(most);
    expect(json.length).toBeGreaterThanOrEqual(Math.min(most, 3));
  });
});

describe('a reaction in a path', () => {
  const reactionsOf = async (): Promise<string[]> =>
    Object.keys((await call(server, ann, 'GET', `/room/lobby/message/${id}`)).json.reactions as object);
  const inBatch = async (method: string, emoji: string) => {
    const body = method === 'PUT' ? { json: {} } : {};
    const part = { method, path: `/room/lobby/reaction/${id}/${emoji}`, ...body };
    return (await call(server, ann, 'POST', '/batch', { json: [part] })).json[0];
  };

  it('may be percent-encoded, or raw UTF-8 where HTTP does not forbid it: it is the same', async () => {
    const target = `/room/lobby/reaction/${id}/%F0%9F%91%8D`;
    expect((await call(server, ann, 'PUT', target)).json).toMatchObject({ added: true });
    expect(await inBatch('PUT', '👍')).toMatchObject({ code: 200, body: { added: false } });
    expect(await inBatch('DELETE', '👍')).toMatchObject({ code: 200, body: { removed: true } });
    expect(await reactionsOf()).toEqual([]);
  });

  it.each(['a/b', '/', '//', 'a%2Fb', '%25', '%3F', '%23', '..%2F..', ':)', '1', '%22%5C'])(
    'may be %s, and comes back as it was given',
    async (emoji) => {
      const steps: Step[] = [['PUT', `/room/lobby/reaction/${id}/${emoji}`]];
      expect(await statuses(ann, steps)).toEqual([200]);
      expect(await reactionsOf()).toEqual([decodeURIComponent(emoji)]);
      const { json } = await call(server, ann, 'GET', `/room/lobby/reactors/${id}/${emoji}`);
      expect(json).toEqual([[ann.blindedId, expect.any(Number)]]);
      expect(await statuses(admin, [['DELETE', `/room/lobby/reactions/${id}/${emoji}`]])).toEqual([200]);
      expect(await reactionsOf()).toEqual([]);
    },
  );

  it.each(['1234567890123', encodeURIComponent('😀'.repeat(13)), 'a%00b', 'x'.repeat(5000)])(
    'of more than 12 code points, or with NUL, is 400: %.40s',
    (emoji) =>
      refuse(400, admin, [
        ['PUT', `/room/lobby/reaction/${id}/${emoji}`],
        ['DELETE', `/room/lobby/reaction/${id}/${emoji}`],
        ['DELETE', `/room/lobby/reactions/${id}/${emoji}`],
        ['GET', `/room/lobby/reactors/${id}/${emoji}`],
      ]),
  );

  it('that is empty is another path: 404', () =>
    refuse(404, ann, [
      ['PUT', `/room/lobby/reaction/${id}/`],
      ['PUT', `/room/lobby/reaction/${id}`],
      ['DELETE', `/room/lobby/reactions/${id}/`],
      ['GET', `/room/lobby/reactors/${id}/`],
    ]));

  it('that is no UTF-8 is 400', async () => {
    const target = `/room/lobby/reaction/${id}/%FF`;
    const { headers } = signed(ann, 'PUT', `/room/lobby/reaction/${id}/x`);
    expect((await rawRequest(server, { method: 'PUT', target, headers })).status).toBe(400);
  });

  it('beyond the variety that the operator allows is 400', async () => {
    const react = (account: Account, emoji: string) =>
      statuses(account, [['PUT', `/room/lobby/reaction/${id}/${emoji}`]]);
    expect([await react(ann, 'a'), await react(ann, 'b')]).toEqual([[200], [200]]);
    await refuse(400, ann, [['PUT', `/room/lobby/reaction/${id}/c`]]); // two of one user
    expect(await react(admin, 'c')).toEqual([200]);
    await refuse(400, admin, [['PUT', `/room/lobby/reaction/${id}/d`]]); // three of a message
    expect(await react(admin, 'a')).toEqual([200]);
  });
});

describe('raw UTF-8 in an HTTP request line', () => {
  it('is no HTTP and refused in plain words', async () => {
    const answer = await rawRequest(server, { method: 'GET', target: Buffer.from('/room/lobby/👍') });
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      400,
      'text/plain; charset=utf-8',
      'Bad Request',
    ]);
  });
});
