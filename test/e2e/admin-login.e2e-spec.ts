import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AdminClient, cookiesOf, type AdminAnswer } from '../support/admin-client.js';
import { endEverything } from '../support/kept-processes.js';
import { letterTo } from '../support/login-letter.js';
import { call, newAccount, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const LINK = /^https:\/\/chat\.example\/admin\/login#code=([A-Za-z0-9_-]{43})$/m;

let server: PlazaProcess;
let nobody: AdminClient;
let mod: Account;

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { PUBLIC_URL: 'https://chat.example' } });
  nobody = new AdminClient(server.base);
});
afterAll(() => server?.stop());
afterAll(endEverything);
beforeEach(async () => {
  mod = await member();
  await server.plaza('moderator', 'add', mod.sessionId, '--room', 'lobby');
  await untilModerator(server, mod);
});

async function member(): Promise<Account> {
  const account = newAccount(server);
  await call(server, account, 'GET', '/room/lobby');
  return account;
}

const askFor = (id: string): Promise<AdminAnswer> => nobody.post('/login', { sessionId: id });

async function inbox(account: Account): Promise<{ sender: string; message: string }[]> {
  return (await call(server, account, 'GET', '/inbox')).json ?? [];
}

const codeIn = (letter: string): string => LINK.exec(letter)![1]!;
const browserOf = (answer: AdminAnswer): Record<string, string> => {
  const cookies = Object.entries(cookiesOf(answer)).map(([name, value]) => `${name}=${value}`);
  return { cookie: cookies.join('; ') };
};

/** Asks for a link and opens it in the same browser. */
async function logIn(account: Account): Promise<AdminClient> {
  const asked = await askFor(account.sessionId);
  const code = codeIn(await letterTo(account, server));
  const redeemed = await nobody.post('/login/redeem', { code }, browserOf(asked));
  expect(redeemed.status).toBe(204);
  return nobody.with(browserOf(redeemed));
}

it('a moderator gets a link that only their client can read, and is logged in by it with their rights', async () => {
  const browser = await logIn(mod);
  const session = await browser.get('/session');
  expect(session.json).toEqual({
    kind: 'session-id',
    name: mod.blindedId,
    roles: { rooms: { lobby: 'moderator' } },
    csrfToken: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
  });
  expect((await browser.get('/rooms/lobby/messages')).status).toBe(200);
  expect((await browser.get('/tokens')).status).toBe(403);
});

it('a blinded id is as good as a 05 id', async () => {
  expect((await askFor(mod.blindedId)).status).toBe(202);
  expect(await letterTo(mod, server)).toMatch(LINK);
});

it('the cookie is for this site and this server alone, and scripts do not see it', async () => {
  const asked = await askFor(mod.sessionId);
  const code = codeIn(await letterTo(mod, server));
  const redeemed = await nobody.post('/login/redeem', { code }, browserOf(asked));
  const cookie = redeemed.headers.getSetCookie().find((one) => one.startsWith('plaza_session='));
  expect(cookie).toMatch(/; Path=\/admin; HttpOnly; SameSite=Strict; Secure$/);
});

it('a write from a browser needs the CSRF token too', async () => {
  const browser = await logIn(mod);
  const { csrfToken } = (await browser.get('/session')).json;
  const deletion = (client: AdminClient) => client.ask('DELETE', '/rooms/lobby/messages/999');
  expect((await deletion(browser)).status).toBe(403);
  expect((await deletion(browser.with({ 'x-csrf-token': 'x'.repeat(43) }))).status).toBe(403);
  expect((await deletion(browser.with({ 'x-csrf-token': csrfToken }))).status).toBe(404);
});

it('a link works once', async () => {
  const asked = await askFor(mod.sessionId);
  const code = codeIn(await letterTo(mod, server));
  const redeem = () => nobody.post('/login/redeem', { code }, browserOf(asked));
  const both = await Promise.all([redeem(), redeem()]);
  expect(both.map(({ status }) => status).sort()).toEqual([204, 401]);
  expect((await redeem()).status).toBe(401);
});

it('a link is nothing to another browser, and is still good for its own', async () => {
  const asked = await askFor(mod.sessionId);
  const code = codeIn(await letterTo(mod, server));
  const other = await askFor(mod.sessionId);
  expect((await nobody.post('/login/redeem', { code })).status).toBe(401);
  expect((await nobody.post('/login/redeem', { code }, browserOf(other))).status).toBe(401);
  expect((await nobody.post('/login/redeem', { code }, browserOf(asked))).status).toBe(204);
});

it('whoever has no role is answered the same and written nothing', async () => {
  const stranger = await member();
  const [known, unknown] = [await askFor(mod.sessionId), await askFor(stranger.sessionId)];
  const never = await askFor(newAccount(server).sessionId);
  const shape = ({ status, text, headers }: AdminAnswer) => [status, text, headers.getSetCookie().length];
  expect(shape(unknown)).toEqual(shape(known));
  expect(shape(never)).toEqual(shape(known));
  await letterTo(mod, server);
  expect(await inbox(stranger)).toEqual([]);
});

it('a role that is taken away is gone at once, and so is everything for somebody banned', async () => {
  const browser = await logIn(mod);
  await server.plaza('moderator', 'remove', mod.sessionId, '--room', 'lobby');
  await until(async () => (await browser.get('/session')).status === 403);
  const admin = await member();
  await server.plaza('moderator', 'add', admin.sessionId, '--global', '--admin');
  await untilModerator(server, admin);
  const body = { global: true };
  expect((await call(server, admin, 'POST', `/user/${mod.blindedId}/ban`, { json: body })).status).toBe(200);
  expect((await browser.get('/session')).status).toBe(401);
});

it('a session that was ended is over', async () => {
  const browser = await logIn(mod);
  expect((await browser.post('/logout', {})).status).toBe(204);
  expect((await browser.get('/session')).status).toBe(401);
});

it('nobody is flooded with links, and nobody is kept out by those whom strangers ask for', async () => {
  const others = await Promise.all(Array.from({ length: 30 }, () => askFor(mod.sessionId)));
  const asked = await askFor(mod.blindedId);
  expect([...others, asked].every(({ status }) => status === 202)).toBe(true);
  const code = codeIn(await letterTo(mod, server));
  const redeem = async (answer: AdminAnswer) =>
    (await nobody.post('/login/redeem', { code }, browserOf(answer))).status;
  const elsewhere = await askFor((await member()).sessionId);
  while ((await inbox(mod)).length < 5) await delay(50);
  expect(await redeem(elsewhere)).toBe(401);
  while ((await redeem(asked)) !== 204) await delay(50); // it may not have been looked at yet
  expect(await redeem(asked)).toBe(401);
  expect(await inbox(mod)).toHaveLength(5);
});

it('neither requests for strangers nor wrong codes keep anybody out', async () => {
  for (let count = 0; count < 70; count++)
    expect((await askFor(`15${randomBytes(32).toString('hex')}`)).status).toBe(202);
  for (let count = 0; count < 310; count++)
    expect((await nobody.post('/login/redeem', { code: 'x' })).status).toBe(401);
  await logIn(mod);
});

it.each([
  ['no id', {}],
  ['an id that is none', { sessionId: '15abc' }],
  ["the server's own kind of id", { sessionId: `ff${'a'.repeat(64)}` }],
  ['something more', { sessionId: `15${'a'.repeat(64)}`, room: 'lobby' }],
])('a request with %s is refused', async (_, json) => {
  const answer = await nobody.post('/login', json);
  expect([answer.status, answer.json.type]).toEqual([400, 'urn:plaza:problem:invalid']);
});

it.each(['x', 'A'.repeat(43), '../../etc/passwd'])(
  'a code that nobody gave out is refused: %s',
  async (code) => {
    const asked = await askFor(mod.sessionId);
    expect((await nobody.post('/login/redeem', { code }, browserOf(asked))).status).toBe(401);
  },
);
