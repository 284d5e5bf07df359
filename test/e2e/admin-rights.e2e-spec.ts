import { AdminClient, type AdminAnswer } from '../support/admin-client.js';
import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, post, signed, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';

jest.setTimeout(180_000);

let server: PlazaProcess;
const people = {} as Record<'boss' | 'roomAdmin' | 'globalMod' | 'mod' | 'ann', Account>;

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza();
  for (const name of ['boss', 'roomAdmin', 'globalMod', 'mod', 'ann'] as const) {
    people[name] = newAccount(server);
    await call(server, people[name], 'GET', '/room/lobby');
  }
  const appoint = (account: Account, ...where: string[]) =>
    server.plaza('moderator', 'add', account.sessionId, ...where);
  await server.plaza('room', 'create', 'fish', '--name', 'Fish');
  await appoint(people.boss, '--global', '--admin');
  await appoint(people.globalMod, '--global');
  await appoint(people.roomAdmin, '--room', 'lobby', '--admin');
  await appoint(people.mod, '--room', 'lobby');
  await untilModerator(server, people.mod);
});
afterAll(() => server?.stop());
afterAll(endEverything);

/** Through the admin API, with the rights of a Session identity. */
function ask(account: Account, method: string, path: string, json?: unknown): Promise<AdminAnswer> {
  const { headers } = signed(account, method, `/admin/v1${path}`, { json });
  return new AdminClient(server.base, headers).ask(method, path, { json });
}

const written = async (account: Account, room = 'lobby'): Promise<number> =>
  (await post(server, account, room, 'hello')).json.id;
const read = (id: number, room = 'lobby') => call(server, people.boss, 'GET', `/room/${room}/message/${id}`);

/** Until the worker has deleted it. */
async function gone(id: number, room = 'lobby'): Promise<void> {
  for (const end = Date.now() + 20_000; (await read(id, room)).status !== 404;) {
    if (Date.now() > end) throw new Error(`message ${id} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('what the protocol refuses to a moderator, the admin API refuses to the same person:', () => {
  it.each(['boss', 'roomAdmin'] as const)('all posts of an admin (%s)', async (admin) => {
    const { mod } = people;
    const { blindedId } = people[admin];
    const id = await written(people[admin]);
    expect((await call(server, mod, 'DELETE', `/room/lobby/all/${blindedId}`)).status).toBe(403);
    const deletion = await ask(mod, 'POST', `/users/${blindedId}/delete-posts`, { rooms: ['lobby'] });
    expect([deletion.status, deletion.json.detail]).toEqual([403, "An admin's posts need an admin"]);
    const ban = { sessionId: blindedId, room: 'lobby', deletePosts: true };
    expect((await ask(mod, 'POST', '/bans', ban)).status).toBe(403);
    expect((await read(id)).status).toBe(200);
  });

  it('pinning and unpinning', async () => {
    const id = await written(people.ann);
    expect((await call(server, people.mod, 'POST', `/room/lobby/pin/${id}`)).status).toBe(403);
    expect((await ask(people.mod, 'PUT', `/rooms/lobby/messages/${id}/pin`)).status).toBe(403);
    expect((await ask(people.roomAdmin, 'PUT', `/rooms/lobby/messages/${id}/pin`)).status).toBe(204);
    expect((await ask(people.mod, 'DELETE', `/rooms/lobby/messages/${id}/pin`)).status).toBe(403);
  });

  it('whispers between others, in lists and where rules are tried', async () => {
    const { boss, mod, ann } = people;
    const whisper = { ...messageBody(boss, 'pineapple'), whisper_to: ann.blindedId };
    const { id } = (await call(server, boss, 'POST', '/room/lobby/message', { json: whisper })).json;
    expect((await call(server, mod, 'GET', `/room/lobby/message/${id}`)).status).toBe(404);
    const rules = { filters: { profanity: { enabled: true, builtIn: false, words: ['pineapple'] } } };
    const seenBy = async (account: Account) => [
      (await ask(account, 'GET', '/rooms/lobby/messages')).text.includes('pineapple'),
      (await ask(account, 'POST', '/rooms/lobby/rules/preview', rules)).text.includes('pineapple'),
    ];
    expect(await seenBy(mod)).toEqual([false, false]);
    expect((await seenBy(boss))[0]).toBe(true);
    for (const role of ['viewer', 'moderator', 'admin'] as const) {
      const token = await new AdminClient(
        server.base,
        signed(boss, 'POST', '/admin/v1/tokens', { json: { name: role, role } }).headers,
      ).appoint(role, role);
      expect((await token.get('/rooms/lobby/messages')).text).not.toContain('pineapple');
    }
  });

  it('speaking as the server', async () => {
    const announcement = { text: 'from the server itself', pin: true };
    expect((await ask(people.mod, 'POST', '/rooms/lobby/announcements', announcement)).status).toBe(403);
  });
});

it("a moderator of the whole server has a room admin's posts deleted where that one is no admin", async () => {
  const { globalMod, roomAdmin } = people;
  const path = `/users/${roomAdmin.blindedId}/delete-posts`;
  const [here, there] = [await written(roomAdmin), await written(roomAdmin, 'fish')];
  expect((await ask(globalMod, 'POST', path, { rooms: ['lobby', 'fish'] })).status).toBe(403);
  const first = await ask(globalMod, 'POST', path, {});
  expect([first.status, first.json.summary]).toEqual([409, expect.stringMatching(/^1 message in 1 room,/)]);
  const { headers } = signed(globalMod, 'POST', `/admin/v1${path}`, { json: {} });
  const confirmed = { ...headers, 'x-confirmation-token': first.json.confirmationToken };
  expect((await new AdminClient(server.base, confirmed).post(path, {})).status).toBe(202);
  await gone(there, 'fish');
  expect((await read(here)).status).toBe(200);
  expect((await ask(globalMod, 'POST', `/users/${people.boss.blindedId}/delete-posts`, {})).status).toBe(403);
});

it('one has the own posts deleted, an ordinary member those that moderators do not want', async () => {
  const { mod, ann } = people;
  for (const author of [mod, ann]) {
    const id = await written(author);
    const deletion = await ask(mod, 'POST', `/users/${author.blindedId}/delete-posts`, { rooms: ['lobby'] });
    expect(deletion.status).toBe(202);
    await gone(id);
  }
});

it('a stream of events ends soon after the token is revoked', async () => {
  const { boss } = people;
  const made = await ask(boss, 'POST', '/tokens', { name: 'listener', role: 'viewer' });
  const stream = await AdminClient.withToken(server.base, made.json.token).listen();
  const ended = new Promise<void>((resolve) => stream.request.on('close', () => resolve()));
  expect((await ask(boss, 'DELETE', `/tokens/${made.json.id}`)).status).toBe(204);
  await ended;
});

it('what members upload is no script, and the documents of the APIs let nothing else in', async () => {
  const { json } = await call(server, people.ann, 'POST', '/room/lobby/file', {
    body: Buffer.from('alert(1)'),
  });
  const file = await call(server, undefined, 'GET', `/room/lobby/file/${json.id}`);
  expect(file.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  for (const path of [
    '/admin/docs',
    '/api/docs',
    '/admin/docs/swagger-ui-init.js',
    '/api/docs/swagger-ui.css',
  ]) {
    const { status, headers, text } = await call(server, undefined, 'GET', path);
    expect([path, status, headers['x-content-type-options']]).toEqual([path, 200, 'nosniff']);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(text).not.toMatch(/persistAuthorization|<script(?![^>]* src=)/);
  }
});
