import { adminWith, AdminClient, type AdminAnswer } from '../support/admin-client.js';
import { pngOf, samplePicture } from '../support/image-samples.js';
import { endEverything } from '../support/kept-processes.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { authHeaders, sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const SOMEBODY = `15${'a'.repeat(64)}`;
const HTML = '<img src=x onerror=alert(1)>';

let server: PlazaProcess;
let admin: AdminClient;
let rooms = 0;

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
  admin = await adminWith(server, '--name', 'ada', '--role', 'admin');
});
afterAll(() => server?.stop());
afterAll(endEverything);

/** One of its own. */
async function room(fields: object = {}): Promise<string> {
  const token = `room-${++rooms}`;
  const made = await admin.post('/rooms', { token, name: 'A room', ...fields });
  expect(made.status).toBe(201);
  return token;
}

async function posted(
  token: string,
  text = 'hello',
  account = newAccount(server),
): Promise<{ id: number; author: Account }> {
  const answer = await post(server, account, token, text);
  expect(answer.status).toBe(201);
  return { id: answer.json.id, author: account };
}

const problem = ({ status, headers, json }: AdminAnswer): unknown[] => {
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(json.status).toBe(status);
  return [status, json.type.replace('urn:plaza:problem:', '')];
};

it('rooms are found by name and token, page by page, and only those that one sees', async () => {
  const tokens = [await room({ name: 'Tide POOL' }), await room({ name: 'Rock pool' }), await room()];
  const found = async (query: string, asker = admin): Promise<string[]> =>
    (await asker.get(`/rooms?${query}`)).json.items.map((one: any) => one.token);
  expect(await found('search=Pool')).toEqual(tokens.slice(0, 2));
  expect(await found(`search=${tokens[2]!.toUpperCase()}`)).toEqual([tokens[2]]);
  expect(await found('search=nowhere')).toEqual([]);
  const { nextCursor } = (await admin.get('/rooms?search=pool&limit=1')).json;
  expect(await found(`search=pool&limit=1&cursor=${nextCursor}`)).toEqual([tokens[1]]);
  const viewer = await admin.appoint('of the tide pool', 'viewer', tokens[0]!);
  expect(await found('search=pool', viewer)).toEqual([tokens[0]]);
});

describe('a token', () => {
  it('is refused when it is none, or was changed', async () => {
    const made = (await admin.post('/tokens', { name: 'changed', role: 'viewer' })).json.token as string;
    for (const token of ['x', 'plz_', `${made}x`, made.slice(0, -3) + 'AAA', made.replace('plz_', 'PLZ_')])
      expect(problem(await AdminClient.withToken(server.base, token).get('/session'))).toEqual([
        401,
        'unauthenticated',
      ]);
    expect((await AdminClient.withToken(server.base, made).get('/session')).status).toBe(200);
  });

  it('is worthless once it is revoked, and its name is free again', async () => {
    const { json } = await admin.post('/tokens', { name: 'revoked', role: 'viewer' });
    const bot = AdminClient.withToken(server.base, json.token);
    expect((await bot.get('/session')).status).toBe(200);
    expect(problem(await admin.post('/tokens', { name: 'revoked', role: 'admin' }))).toEqual([
      409,
      'conflict',
    ]);
    expect((await admin.ask('DELETE', `/tokens/${json.id}`)).status).toBe(204);
    expect((await bot.get('/session')).status).toBe(401);
    expect((await admin.ask('DELETE', `/tokens/${json.id}`)).status).toBe(404);
    expect((await admin.post('/tokens', { name: 'revoked', role: 'admin' })).status).toBe(201);
  });

  it('ends when it says so', async () => {
    const expiresAt = new Date(Date.now() + 5_000).toISOString();
    const { json } = await admin.post('/tokens', { name: 'short', role: 'viewer', expiresAt });
    const bot = AdminClient.withToken(server.base, json.token);
    expect((await bot.get('/session')).status).toBe(200);
    await until(async () => (await bot.get('/session')).status === 401);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect(problem(await admin.post('/tokens', { name: 'past', role: 'viewer', expiresAt }))).toEqual([
      400,
      'invalid',
    ]);
  });

  it('is good for nothing once its only room is gone', async () => {
    const token = await room();
    const bot = await admin.appoint('roomless', 'admin', token);
    expect((await bot.get(`/rooms/${token}`)).status).toBe(200);
    await server.plaza('room', 'delete', token, '--yes');
    expect(problem(await bot.get('/rooms'))).toEqual([403, 'forbidden']);
  });

  it('is listed with its last use and never with its secret', async () => {
    const listed = await admin.get('/tokens');
    expect(listed.json.items.at(-1)).toMatchObject({
      name: 'ada',
      role: 'admin',
      lastUsedAt: expect.any(String),
    });
    expect(listed.text).not.toMatch(/plz_[0-9a-f]{12}_[A-Za-z0-9_-]/);
  });

  it('is made, listed and revoked by the command line', async () => {
    await adminWith(server, '--name', 'from the shell', '--role', 'viewer', '--expires', '1h');
    expect((await server.plaza('token', 'list')).stdout).toMatch(/from the shell +viewer +all +works/);
    expect((await server.plaza('token', 'revoke', 'from the shell')).code).toBe(0);
    expect((await server.plaza('token', 'list')).stdout).toMatch(/from the shell +viewer +all +revoked/);
    expect((await server.plaza('token', 'revoke', 'from the shell')).code).toBe(1);
    expect((await server.plaza('token', 'create', '--name', 'x', '--role', 'god')).code).toBe(2);
    expect(
      (await server.plaza('token', 'create', '--name', 'x', '--role', 'viewer', '--room', 'no')).code,
    ).toBe(1);
  });
});

describe('signed headers', () => {
  it('are refused when they are used twice, or signed for something else', async () => {
    const account = newAccount(server);
    const headers = authHeaders(account, { method: 'GET', target: '/admin/v1/session' });
    const client = new AdminClient(server.base, headers);
    expect(problem(await client.get('/rooms'))).toEqual([401, 'unauthenticated']);
    expect(problem(await client.get('/session'))).toEqual([403, 'forbidden']); // it is known, and has no role
    expect(problem(await client.get('/session'))).toEqual([401, 'unauthenticated']);
  });
});

describe('two who edit at once', () => {
  it('the second is told, and nothing of theirs is there', async () => {
    const token = await room();
    const etag = (await admin.get(`/rooms/${token}`)).headers.get('etag')!;
    const patch = (name: string) =>
      admin.ask('PATCH', `/rooms/${token}`, { json: { name }, headers: { 'if-match': etag } });
    const answers = await Promise.all([patch('one'), patch('two')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const winner = answers.find(({ status }) => status === 200)!.json.name;
    expect((await admin.get(`/rooms/${token}`)).json.name).toBe(winner);
  });

  it('a post between reading and writing is no other edit', async () => {
    const token = await room();
    const etag = (await admin.get(`/rooms/${token}`)).headers.get('etag')!;
    await posted(token);
    const renamed = await admin.ask('PATCH', `/rooms/${token}`, {
      json: { name: 'Renamed' },
      headers: { 'if-match': etag },
    });
    expect(renamed.json.name).toBe('Renamed');
  });

  it('a write that does not say what it changes is refused', async () => {
    const token = await room();
    const path = `/rooms/${token}/rules/filters`;
    for (const answer of [
      await admin.ask('PATCH', `/rooms/${token}`, { json: { name: 'x' } }),
      await admin.ask('DELETE', `/rooms/${token}`),
      await admin.ask('PUT', path, { json: {} }),
    ])
      expect(problem(answer)).toEqual([428, 'precondition-required']);
  });

  it('rules are held to what was read, too', async () => {
    const path = `/rooms/${await room()}/rules/filters`;
    const etag = (await admin.get(path)).headers.get('etag')!;
    const put = (words: string[]) =>
      admin.ask('PUT', path, { json: { profanity: { words } }, headers: { 'if-match': etag } });
    expect((await put(['one'])).status).toBe(200);
    expect(problem(await put(['two']))).toEqual([412, 'precondition-failed']);
  });
});

it('who has a room already is told 304, until something in it changes', async () => {
  const token = await room();
  const etag = (await admin.get(`/rooms/${token}`)).headers.get('etag')!;
  expect((await admin.get(`/rooms/${token}`, { 'if-none-match': etag })).status).toBe(304);
  await posted(token);
  expect((await admin.get(`/rooms/${token}`, { 'if-none-match': etag })).status).toBe(200);
});

describe('a write that is sent again', () => {
  it('is done once, and answered as the first time', async () => {
    const token = await room();
    const headers = { 'idempotency-key': 'announce-1' };
    const announce = (text: string) => admin.post(`/rooms/${token}/announcements`, { text }, headers);
    const first = await announce('once');
    const again = await announce('once');
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect((await admin.get(`/rooms/${token}/messages`)).json.items).toHaveLength(1);
    expect(problem(await announce('another'))).toEqual([409, 'conflict']);
  });

  it('many at once make one', async () => {
    const token = await room();
    const headers = { 'idempotency-key': 'announce-2' };
    const announce = () => admin.post(`/rooms/${token}/announcements`, { text: 'once' }, headers);
    const answers = await Promise.all([announce(), announce(), announce(), announce()]);
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
    expect((await admin.get(`/rooms/${token}/messages`)).json.items).toHaveLength(1);
  });

  it('may be tried again when it failed, and the key is nobody else’s', async () => {
    const headers = { 'idempotency-key': 'room-1' };
    const token = `room-${++rooms}`;
    expect((await admin.post('/rooms', { token, name: '' }, headers)).status).toBe(400);
    expect((await admin.post('/rooms', { token, name: 'x' }, headers)).status).toBe(201);
    const other = await admin.appoint('other', 'admin');
    expect(problem(await other.post('/rooms', { token, name: 'x' }, headers))).toEqual([409, 'conflict']);
  });

  it.each(['', 'x'.repeat(65), 'a b'])('with a key that is none is refused: "%s"', async (key) => {
    const answer = await admin.post('/rooms', { token: 'no', name: 'x' }, { 'idempotency-key': key });
    expect(problem(answer)).toEqual([400, 'invalid']);
  });
});

describe('what destroys', () => {
  it('is done when it was confirmed', async () => {
    const token = await room();
    const remove = (headers: Record<string, string> = {}) =>
      admin.ask('DELETE', `/rooms/${token}`, { headers: { 'if-match': '*', ...headers } });
    const asked = await remove();
    expect(problem(asked)).toEqual([409, 'confirmation-required']);
    expect(asked.json.summary).toContain(token);
    expect((await admin.get(`/rooms/${token}`)).status).toBe(200);
    expect((await remove({ 'x-confirmation-token': asked.json.confirmationToken })).status).toBe(204);
    expect((await admin.get(`/rooms/${token}`)).status).toBe(404);
  });

  it('is not done with a confirmation of something else, of somebody else, or made up', async () => {
    const [one, two] = [await room(), await room()];
    const remove = (by: AdminClient, token: string, confirmation = '') =>
      by.ask('DELETE', `/rooms/${token}`, {
        headers: { 'if-match': '*', 'x-confirmation-token': confirmation },
      });
    const { confirmationToken } = (await remove(admin, one)).json;
    const other = await admin.appoint('other deleter', 'admin');
    const [expires, proof] = confirmationToken.split('.');
    for (const answer of [
      await remove(admin, two, confirmationToken),
      await remove(other, one, confirmationToken),
      await remove(admin, one, `${Number(expires) + 1}.${proof}`),
      await remove(admin, one, '9999999999.x'),
    ])
      expect(problem(answer)).toEqual([409, 'confirmation-required']);
    expect((await admin.get(`/rooms/${one}`)).status).toBe(200);
  });

  it('deletes everything of somebody, everywhere, in a job', async () => {
    const [one, two] = [await room(), await room()];
    const { author } = await posted(one);
    await posted(two, 'more', author);
    const path = `/users/${author.sessionId}/delete-posts`;
    const asked = await admin.post(path, {});
    expect(asked.json.summary).toMatch(/^2 messages in 2 rooms/);
    const headers = { 'x-confirmation-token': asked.json.confirmationToken };
    const { status, json } = await admin.post(path, {}, headers);
    expect(status).toBe(202);
    await until(async () => (await admin.get(`/jobs/${json.jobId}`)).json?.state === 'done');
    for (const token of [one, two])
      expect((await admin.get(`/rooms/${token}/messages`)).json.items).toEqual([]);
  });
});

describe('input that is wrong', () => {
  it.each([
    ['GET', '/rooms/nowhere', undefined, 404],
    ['GET', '/rooms/a%20b', undefined, 404],
    ['GET', '/rooms/%2e%2e%2f', undefined, 404],
    ['GET', '/nowhere', undefined, 404],
    ['GET', '/users/15abc', undefined, 400],
    ['GET', `/users/${SOMEBODY}`, undefined, 404],
    ['GET', '/rooms?limit=0', undefined, 400],
    ['GET', '/rooms?limit=201', undefined, 400],
    ['GET', '/rooms?cursor=x', undefined, 400],
    ['GET', '/log?from=yesterday', undefined, 400],
    ['GET', '/rooms/lobby/messages?before=1&after=1', undefined, 400],
    ['DELETE', '/rooms/lobby/messages/0', undefined, 400],
    ['DELETE', '/rooms/lobby/messages/999', undefined, 404],
    ['DELETE', `/rooms/lobby/messages/${'9'.repeat(30)}`, undefined, 400],
    ['DELETE', '/bans/1', undefined, 400],
    ['DELETE', '/bans/999-server', undefined, 404],
    ['DELETE', '/mutes/1-server', undefined, 404],
    ['PUT', '/rooms/lobby/messages/999/pin', undefined, 404],
    ['GET', '/jobs/999', undefined, 404],
    ['POST', '/rooms', '', 400],
    ['POST', '/rooms', '{"token":', 400],
    ['POST', '/rooms', '['.repeat(100), 400],
    ['POST', '/rooms', '{"token":"x","name":"x","is_admin":true}', 400],
    ['POST', '/rooms', '{"token":"x","name":"  "}', 400],
    ['POST', '/rooms', '{"token":"x","name":"x","retentionDays":0}', 400],
    ['POST', '/bans', `{"sessionId":"${SOMEBODY}","until":"2020-01-01T00:00:00Z"}`, 400],
    ['POST', '/bans', `{"sessionId":"${SOMEBODY}","room":"nowhere"}`, 404],
    ['POST', '/rooms/lobby/messages/delete', '{"ids":[]}', 400],
    ['PUT', `/users/${SOMEBODY}/roles`, '{"global":"owner"}', 400],
    ['PUT', `/users/${SOMEBODY}/roles`, '{"rooms":{"nowhere":"admin"}}', 404],
    ['POST', '/tokens', '{"name":"","role":"admin"}', 400],
    ...['\\u0000', '\\ud800', '\\udc00\\ud800'].flatMap((piece): [string, string, string, number][] => [
      ['POST', '/bans', `{"sessionId":"${SOMEBODY}","reason":"a${piece}b"}`, 400],
      ['POST', '/mutes', `{"sessionId":"${SOMEBODY}","room":"lobby","reason":"a${piece}b"}`, 400],
      ['POST', '/tokens', `{"name":"a${piece}b","role":"viewer"}`, 400],
      ['POST', '/rooms/lobby/announcements', `{"text":"a${piece}b"}`, 400],
    ]),
    ['GET', '/log?token=a%00b', undefined, 400],
    ['GET', '/rooms/lobby/messages?text=a%00b', undefined, 400],
  ])('%s %s %s is a problem', async (method, path, body, status) => {
    const answer = await admin.ask(method, path, body === undefined ? {} : { body: Buffer.from(body) });
    expect(problem(answer)).toEqual([status, status === 404 ? 'not-found' : 'invalid']);
  });

  it('says where it is wrong', async () => {
    const { json } = await admin.post('/rooms', { token: 'x', defaults: { read: 'yes' } });
    expect(json.errors.map(({ path }: { path: string }) => path)).toEqual(['name', 'defaults.read']);
  });

  it('what is no picture does not become the image of a room', async () => {
    const token = await room();
    const answer = await admin.ask('PUT', `/rooms/${token}/image`, { body: Buffer.from('not a picture') });
    expect(problem(answer)).toEqual([400, 'invalid']);
    expect((await admin.get(`/rooms/${token}`)).json).not.toHaveProperty('imageFileId');
  });

  it('a room has the link with which people join it', async () => {
    const { joinLink } = (await admin.get('/rooms/lobby')).json;
    expect(joinLink).toMatch(/^http:\/\/[^/]+\/lobby\?public_key=[0-9a-f]{64}$/);
    expect((await admin.get('/rooms')).json.items).toContainEqual(
      expect.objectContaining({ token: 'lobby', joinLink }),
    );
  });

  it('a body that is too large is a problem like any other', async () => {
    const body = Buffer.concat([await pngOf(samplePicture(1)), Buffer.alloc(10_500_000)]);
    const answer = await admin.ask('PUT', '/rooms/lobby/image', { body });
    expect(problem(answer)).toEqual([413, 'too-large']);
  });

  it('a room admin gives no roles in rooms of others, nor on the server', async () => {
    const [own, other] = [await room(), await room()];
    const chief = await admin.appoint(`chief of ${own}`, 'admin', own);
    const give = (json: object) => chief.ask('PUT', `/users/${SOMEBODY}/roles`, { json });
    expect(problem(await give({ rooms: { [other]: 'admin' } }))).toEqual([404, 'not-found']);
    expect(problem(await give({ global: 'moderator' }))).toEqual([403, 'forbidden']);
    expect(problem(await give({ rooms: { [own]: 'admin', [other]: 'admin' } }))).toEqual([404, 'not-found']);
    expect((await admin.get(`/moderators?room=${own}`)).json.items).toEqual([]);
    expect((await give({ rooms: { [own]: 'moderator' } })).json.roles).toEqual({
      rooms: { [own]: 'moderator' },
    });
  });

  it('a moderator of one room sees and lifts no bans of others', async () => {
    const [own, other] = [await room(), await room()];
    const mod = await admin.appoint(`mod of ${own}`, 'moderator', own);
    const { id } = (await admin.post('/bans', { sessionId: SOMEBODY, room: other })).json;
    expect((await mod.get('/bans')).json.items).toEqual([]);
    expect(problem(await mod.ask('DELETE', `/bans/${id}`))).toEqual([404, 'not-found']);
    expect(problem(await mod.get(`/bans?room=${other}`))).toEqual([404, 'not-found']);
    expect(problem(await mod.get(`/log?room=${other}`))).toEqual([404, 'not-found']);
    expect((await mod.get('/log')).json.items.map((entry: { room: string }) => entry.room)).toEqual([own]);
  });
});

it('what people wrote comes as data, and files as something to be saved', async () => {
  const token = await room({ name: HTML, description: HTML });
  const author = newAccount(server);
  const disposition = `attachment; filename="${HTML}.html"`;
  const upload = await call(server, author, 'POST', `/room/${token}/file`, {
    body: Buffer.from(HTML),
    headers: { 'content-disposition': disposition },
  });
  await posted(token, HTML, author);
  const shown = await admin.get(`/rooms/${token}`);
  expect(shown.json).toMatchObject({ name: HTML, description: HTML });
  expect(shown.headers.get('content-type')).toMatch(/^application\/json/);
  expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await admin.get(`/rooms/${token}/messages?text=ONERROR`)).json.items[0].text).toBe(HTML);
  const { headers, text } = await admin.get(`/rooms/${token}/files/${upload.json.id}`);
  expect(text).toBe(HTML);
  expect(headers.get('content-type')).toBe('application/octet-stream');
  expect(headers.get('content-disposition')).toMatch(/^attachment;/);
  expect(headers.get('content-security-policy')).toContain('sandbox');
});

it('every write is in the log with the name of its token', async () => {
  const token = await room();
  const { id, author } = await posted(token);
  await admin.ask('DELETE', `/rooms/${token}/messages/${id}`);
  await admin.post('/bans', { sessionId: author.blindedId, room: token, reason: 'rude' });
  const { items } = (await admin.get(`/log?room=${token}`)).json;
  const told = items.map((entry: any) => [
    entry.action,
    entry.token,
    entry.via,
    entry.target,
    entry.detail.reason,
  ]);
  expect(told).toEqual([
    ['ban.set', 'ada', 'admin-api', author.blindedId, 'rude'],
    ['message.delete', 'ada', 'admin-api', author.blindedId, undefined],
    ['room.create', 'ada', 'admin-api', undefined, undefined],
  ]);
});

it('the server itself is told from whoever takes its name, and is not banned', async () => {
  const token = await room();
  await admin.post(`/rooms/${token}/announcements`, { text: 'Meeting at noon' });
  await posted(token);
  const { items } = (await admin.get(`/rooms/${token}/messages`)).json;
  expect(items.map((message: any) => message.isByServer)).toEqual([false, true]);
  const [{ sessionId: member }, { sessionId }] = items;
  expect((await admin.get(`/users/${member}`)).json.isServer).toBe(false);
  expect((await admin.get(`/users/${sessionId}`)).json.isServer).toBe(true);
  expect(problem(await admin.post('/bans', { sessionId }))).toEqual([400, 'invalid']);
  expect(problem(await admin.post('/bans', { sessionId, room: token }))).toEqual([400, 'invalid']);
  expect(problem(await admin.post('/mutes', { sessionId, room: token }))).toEqual([400, 'invalid']);
});

it('events tell that something changed, and where, and nothing of rooms of others', async () => {
  const [own, other] = [await room(), await room()];
  const mod = await admin.appoint(`listener of ${own}`, 'viewer', own);
  const { request, told } = await mod.listen();
  await posted(other);
  const { id } = await posted(own);
  const tellsOf = (seqno: number) =>
    until(() => told().includes(`event: messages\ndata: {"room":"${own}","seqno":${seqno}}\n\n`));
  await tellsOf(1);
  await admin.ask('DELETE', `/rooms/${own}/messages/${id}`);
  await tellsOf(2);
  await until(() => told().includes('event: log'));
  request.destroy();
  expect(told()).not.toContain(other);
  expect(told()).not.toContain('hello');
});

it('events asked for by HEAD are answered at once, and leave no stream open', async () => {
  const mod = await admin.appoint('who looks for headers', 'viewer');
  for (let time = 0; time < 12; time++) {
    const { status, headers } = await mod.ask('HEAD', '/events');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  }
});
