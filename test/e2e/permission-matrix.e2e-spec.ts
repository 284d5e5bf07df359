import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';

/**
 * Every endpoint for every kind of caller in every kind of room. What is expected follows from the tables of
 * protocol.md §3 as they are written down here, not from our code. Calls name things that are not there, or have
 * bodies that are not valid, so that they change nothing: who is let in gets 404 or 400, who is not gets 403.
 */

jest.setTimeout(300_000);

const PERMISSIONS = ['accessible', 'read', 'write', 'upload'] as const;
type Permission = (typeof PERMISSIONS)[number];
type Permissions = Record<Permission, boolean>;

interface Caller {
  anonymous?: true;
  bannedHere?: true;
  role?: 'moderator' | 'admin';
  globalRole?: 'moderator' | 'admin';
  hidden?: true;
  overrides?: Partial<Permissions>;
}

const CALLERS: Record<string, Caller> = {
  anonymous: { anonymous: true },
  user: {},
  'room-banned user': { bannedHere: true },
  'room-banned user with every permission': {
    bannedHere: true,
    overrides: { accessible: true, read: true, write: true, upload: true },
  },
  'room moderator': { role: 'moderator' },
  'hidden room moderator': { role: 'moderator', hidden: true },
  'room moderator without any permission': {
    role: 'moderator',
    overrides: { accessible: false, read: false, write: false, upload: false },
  },
  'room admin': { role: 'admin' },
  'room admin without any permission': {
    role: 'admin',
    overrides: { accessible: false, read: false, write: false, upload: false },
  },
  'global moderator': { globalRole: 'moderator' },
  'global admin': { globalRole: 'admin' },
  'user with write and upload': { overrides: { write: true, upload: true } },
  ...Object.fromEntries(
    PERMISSIONS.flatMap((permission) =>
      [true, false].map((value) => [
        `user with ${permission} ${value}`,
        { overrides: { [permission]: value } } satisfies Caller,
      ]),
    ),
  ),
};

const NONE: Permissions = { accessible: false, read: false, write: false, upload: false };
const ROOMS: Record<string, Permissions> = {
  open: { accessible: true, read: true, write: true, upload: true },
  closed: NONE,
  visible: { ...NONE, accessible: true },
  readable: { ...NONE, read: true },
  writable: { ...NONE, write: true },
  uploadable: { ...NONE, upload: true },
};

/** protocol.md §3, "Effective permission". */
function permissionsOf(caller: Caller, defaults: Permissions): Permissions & Roles {
  const globalAdmin = caller.globalRole === 'admin';
  const globalModerator = globalAdmin || caller.globalRole === 'moderator';
  const admin = globalAdmin || caller.role === 'admin';
  const moderator = admin || globalModerator || caller.role === 'moderator';
  const roles = { moderator, admin, globalModerator, globalAdmin };
  if (moderator) return { accessible: true, read: true, write: true, upload: true, ...roles };
  if (caller.bannedHere) return { ...NONE, ...roles };
  const flags = { ...defaults, ...caller.overrides };
  return {
    accessible: flags.accessible || flags.read,
    read: flags.read,
    write: flags.write,
    upload: flags.upload && flags.write,
    ...roles,
  };
}

interface Roles {
  moderator: boolean;
  admin: boolean;
  globalModerator: boolean;
  globalAdmin: boolean;
}

/** What somebody anonymous is told, and what the rest is told with and without the right. */
interface Endpoint {
  method: string;
  path: string;
  json?: unknown;
  b64?: string;
  anonymous: 401 | 403 | 'as others';
  needs: Permission | keyof Roles | 'nothing';
  yes: number;
  no: 403 | 404;
}

const NOTHING = 999_999_999;
let target: Account; // arrived, posted nothing
let unknown: Account; // never seen

const public_ = (needs: Permission, path: string, yes: number): Endpoint => ({
  method: 'GET',
  path,
  needs,
  yes,
  no: needs === 'accessible' ? 404 : 403,
  anonymous: 'as others',
});
const forUsers = (
  method: string,
  path: string,
  needs: Endpoint['needs'],
  yes: number,
  body: { json?: unknown; b64?: string } = {},
): Endpoint => ({ method, path, ...body, anonymous: 401, needs, yes, no: 403 });
const pinning = (path: string, yes: number): Endpoint => ({
  method: 'POST',
  path,
  json: {},
  needs: 'admin',
  yes,
  no: 403,
  anonymous: 403,
});

/** The table of protocol.md §3, row by row. */
function endpoints(room: string): Endpoint[] {
  const at = `/room/${room}`;
  const [known, stranger] = [target.blindedId, unknown.blindedId];
  return [
    public_('accessible', at, 200),
    public_('read', `${at}/pollInfo/0`, 200),
    public_('read', `${at}/messages/recent`, 200),
    public_('read', `${at}/messages/before/5`, 200),
    public_('read', `${at}/messages/since/0`, 200),
    public_('read', `${at}/messages/since/0?limit=x`, 400),
    public_('read', `${at}/message/${NOTHING}`, 404),
    public_('read', `${at}/file/${NOTHING}`, 404),
    public_('read', `${at}/file/${NOTHING}/name.txt`, 404),
    public_('read', `${at}/reactors/${NOTHING}/x`, 404),
    forUsers('PUT', `${at}/reaction/${NOTHING}/x`, 'read', 404, { json: {} }),
    forUsers('DELETE', `${at}/reaction/${NOTHING}/x`, 'read', 404),
    forUsers('PUT', `${at}/reaction/${NOTHING}/1234567890123`, 'read', 400, { json: {} }),
    forUsers('POST', `${at}/message`, 'write', 400, { json: {} }),
    forUsers('PUT', `${at}/message/${NOTHING}`, 'write', 400, { json: {} }),
    forUsers('DELETE', `${at}/message/${NOTHING}`, 'write', 404),
    forUsers('POST', `${at}/file`, 'upload', 201, { b64: 'YWJj' }),
    forUsers('PUT', at, 'admin', 400, { json: {} }),
    forUsers('GET', `${at}/permissions`, 'moderator', 200),
    forUsers('GET', `${at}/permissions/${known}`, 'moderator', 200),
    forUsers('POST', `${at}/permissions/${known}`, 'moderator', 400, { json: {} }),
    forUsers('GET', `${at}/futurePermissions`, 'moderator', 200),
    forUsers('GET', `${at}/futurePermissions/${known}`, 'moderator', 200),
    forUsers('POST', `${at}/futurePermissions/${known}`, 'moderator', 400, { json: {} }),
    forUsers('DELETE', `${at}/reactions/${NOTHING}`, 'moderator', 404),
    forUsers('DELETE', `${at}/reactions/${NOTHING}/x`, 'moderator', 404),
    pinning(`${at}/pin/${NOTHING}`, 404),
    pinning(`${at}/unpin/${NOTHING}`, 200),
    pinning(`${at}/unpin/all`, 200),
    forUsers('DELETE', `${at}/all/${known}`, 'moderator', 404),
    forUsers('DELETE', `${at}/all/${stranger}`, 'nothing', 404),
    forUsers('DELETE', `/rooms/all/${stranger}`, 'nothing', 404),
    forUsers('DELETE', `/rooms/all/${known}`, 'nothing', 200),
    ...moderation(known, room),
    forUsers('GET', '/inbox', 'nothing', 200),
    forUsers('GET', '/inbox/since/0', 'nothing', 304),
    forUsers('GET', '/outbox', 'nothing', 200),
    forUsers('GET', '/outbox/since/0', 'nothing', 304),
    forUsers('DELETE', '/inbox', 'nothing', 200),
    forUsers('POST', `/inbox/${known}`, 'nothing', 400, { json: {} }),
  ];
}

/** Where, then the role there, then the rest of the body. */
function moderation(sid: string, room: string): Endpoint[] {
  const calls = [
    { call: 'moderator', room: 'admin', global: 'globalAdmin', yes: 400, rest: { moderator: 7 } },
    { call: 'ban', room: 'moderator', global: 'globalModerator', yes: 400, rest: { timeout: 'soon' } },
    { call: 'unban', room: 'moderator', global: 'globalModerator', yes: 200, rest: {} },
  ] as const;
  return calls.flatMap(({ call: name, room: roomRole, global, yes, rest }) => {
    const path = `/user/${sid}/${name}`;
    return [
      forUsers('POST', path, roomRole, yes, { json: { rooms: [room], ...rest } }),
      forUsers('POST', path, global, yes, { json: { global: true, ...rest } }),
      forUsers('POST', path, 'nothing', 400, { json: { rooms: [], ...rest } }),
      forUsers('POST', path, 'nothing', 400, { json: { rooms: [room], global: true, ...rest } }),
      { ...forUsers('POST', path, 'nothing', 403, { json: { rooms: [room, 'nowhere'], ...rest } }) },
    ];
  });
}

const label = ({ method, path, json }: Endpoint): string =>
  `${method} ${path.replace(/15[0-9a-f]{64}/, 'SID')} ${json ? JSON.stringify(json) : ''}`;

function expected({ anonymous, needs, yes, no }: Endpoint, caller: Caller, defaults: Permissions): number {
  if (caller.anonymous && anonymous !== 'as others') return anonymous;
  return needs === 'nothing' || permissionsOf(caller, defaults)[needs] ? yes : no;
}

let server: PlazaProcess;
let operator: Account;
const accounts = new Map<string, Account | undefined>();

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
  [operator, target, unknown] = [newAccount(server), newAccount(server), newAccount(server)];
  await server.plaza('moderator', 'add', operator.sessionId, '--global', '--admin');
  for (const name of Object.keys(ROOMS)) await server.plaza('room', 'create', name, '--name', name);
  await call(server, target, 'GET', '/capabilities');
  const set = (path: string, json: unknown, method = 'POST') => ({ method, path, json });
  const parts = Object.entries(ROOMS).map(([room, { accessible, read, write, upload }]) => {
    const defaults = { default_accessible: accessible, default_read: read };
    return set(`/room/${room}`, { ...defaults, default_write: write, default_upload: upload }, 'PUT');
  });
  const rooms = Object.keys(ROOMS);
  for (const [name, caller] of Object.entries(CALLERS)) {
    accounts.set(name, caller.anonymous ? undefined : newAccount(server));
    const sid = accounts.get(name)?.blindedId;
    const role = { visible: !caller.hidden };
    if (caller.role) parts.push(set(`/user/${sid}/moderator`, { rooms, [caller.role]: true, ...role }));
    if (caller.globalRole)
      parts.push(set(`/user/${sid}/moderator`, { global: true, [caller.globalRole]: true }));
    if (caller.bannedHere) parts.push(set(`/user/${sid}/ban`, { rooms }));
    for (const room of caller.overrides ? rooms : [])
      parts.push(set(`/room/${room}/permissions/${sid}`, caller.overrides));
  }
  const answers = await batch(operator, parts);
  expect(answers.map(({ code }) => code)).toEqual(parts.map(() => 200));
});
afterAll(async () => {
  await server?.stop();
  await endEverything();
});

async function batch(account: Account | undefined, parts: object[]): Promise<{ code: number; body: any }[]> {
  const { status, json } = await call(server, account, 'POST', '/batch', { json: parts });
  expect(status).toBe(200);
  return json;
}

const asPart = ({ method, path, json, b64 }: Endpoint) => ({
  method,
  path,
  ...(b64 === undefined ? json !== undefined && { json } : { b64 }),
});

describe.each(Object.keys(ROOMS))('in the %s room', (room) => {
  const defaults = ROOMS[room]!;

  it.each(Object.keys(CALLERS))('%s is told of every endpoint what protocol.md says', async (name) => {
    const all = endpoints(room);
    const answers = await batch(accounts.get(name), all.map(asPart));
    const codes = Object.fromEntries(all.map((each, at) => [label(each), answers[at]!.code]));
    const wanted = all.map((each) => [label(each), expected(each, CALLERS[name]!, defaults)]);
    expect(codes).toEqual(Object.fromEntries(wanted));
  });

  it.each(Object.keys(CALLERS))('%s can post, and delete what they posted, if they may', async (name) => {
    const [account, caller] = [accounts.get(name), CALLERS[name]!];
    const json = account && messageBody(account, 'hello');
    const all = `/room/${room}/all/${account?.blindedId ?? target.blindedId}`;
    const [posted, ...rest] = await batch(account, [
      { method: 'POST', path: `/room/${room}/message`, json: json ?? {} },
      { method: 'DELETE', path: all },
      { method: 'DELETE', path: all },
    ]);
    const { write } = permissionsOf(caller, defaults);
    const codes = [posted!.code, ...rest.map(({ code }) => code)];
    if (caller.anonymous) expect(codes).toEqual([401, 401, 401]);
    else expect(codes).toEqual(write ? [201, 200, 404] : [403, 404, 404]);
  });

  it.each(Object.keys(CALLERS))('%s is shown their permissions and roles, and no others', async (name) => {
    const [{ code, body }] = (await batch(accounts.get(name), [
      { method: 'GET', path: `/room/${room}` },
    ])) as [{ code: number; body: any }];
    const may = permissionsOf(CALLERS[name]!, defaults);
    expect(code).toBe(may.accessible ? 200 : 404);
    if (!may.accessible) return;
    const { read, write, upload, moderator, admin, globalModerator, globalAdmin } = may;
    expect(body).toMatchObject({ read, write, upload });
    const shown = [
      'moderator',
      'admin',
      'global_moderator',
      'global_admin',
      'default_read',
      'default_upload',
    ];
    const is = [moderator, admin, globalModerator, globalAdmin, moderator, moderator];
    expect(shown.filter((key) => key in body)).toEqual(shown.filter((_, at) => is[at]));
    expect('hidden_moderators' in body).toBe(moderator);
  });
});

describe('the list of rooms', () => {
  it.each(Object.keys(CALLERS))('has for %s the rooms that they may know of', async (name) => {
    const [rooms] = await batch(accounts.get(name), [{ method: 'GET', path: '/rooms' }]);
    const mayKnow = Object.keys(ROOMS).filter(
      (room) => permissionsOf(CALLERS[name]!, ROOMS[room]!).accessible,
    );
    const tokens = (rooms!.body as { token: string }[]).map(({ token }) => token);
    expect(tokens).toEqual(['lobby', ...mayKnow].sort());
  });
});

describe('a room that is not there', () => {
  it.each(['anonymous', 'user', 'global admin'])('is 404 for %s, whatever is asked', async (name) => {
    const all = endpoints('nowhere').filter(({ path }) => path.startsWith('/room/'));
    const answers = await batch(accounts.get(name), all.map(asPart));
    expect(answers.map(({ code }) => code)).toEqual(all.map(() => 404));
  });

  it('is 405 with a method that its path does not know', async () => {
    const paths = endpoints('nowhere').filter(({ path }) => path.startsWith('/room/nowhere/'));
    for (const { path } of paths.slice(0, 6))
      expect((await call(server, undefined, 'PATCH', path)).status).toBe(405);
  });
});

describe('somebody banned from the server', () => {
  it('is told so by every endpoint, also by those that are not there', async () => {
    const account = newAccount(server);
    await call(server, operator, 'POST', `/user/${account.blindedId}/ban`, { json: { global: true } });
    const paths = [...endpoints('open'), ...endpoints('nowhere')];
    const answers = await Promise.all(
      paths.map(({ method, path, json }) => call(server, account, method, path, { json })),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['403 Banned']));
  });
});
