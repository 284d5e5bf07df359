import { adminWith, AdminClient } from '../support/admin-client.js';
import { endEverything } from '../support/kept-processes.js';
import { call, newAccount, signed, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';

jest.setTimeout(300_000);

type Role = 'viewer' | 'moderator' | 'admin';
type Where = 'anywhere' | 'everywhere' | 'room';
interface Operation {
  method: string;
  path: string;
  need: { role: Role; where: Where };
}

/** Who may what, written down apart from the code. */
const EXPECTED: Readonly<Record<string, `${Role} ${Where}` | 'everybody'>> = {
  'GET /session': 'viewer anywhere',
  'POST /login': 'everybody',
  'POST /login/redeem': 'everybody',
  'POST /logout': 'everybody',
  'GET /server': 'viewer anywhere',
  'GET /server/rules/{kind}': 'viewer everywhere',
  'PUT /server/rules/{kind}': 'admin everywhere',
  'GET /rooms': 'viewer anywhere',
  'POST /rooms': 'admin everywhere',
  'GET /rooms/{token}': 'viewer room',
  'PATCH /rooms/{token}': 'admin room',
  'DELETE /rooms/{token}': 'admin everywhere',
  'PUT /rooms/{token}/image': 'admin room',
  'DELETE /rooms/{token}/image': 'admin room',
  'GET /rooms/{token}/rules/{kind}': 'viewer room',
  'PUT /rooms/{token}/rules/{kind}': 'admin room',
  'POST /rooms/{token}/rules/preview': 'viewer room',
  'GET /rooms/{token}/members': 'viewer room',
  'PATCH /rooms/{token}/members/{sessionId}': 'moderator room',
  'GET /rooms/{token}/messages': 'viewer room',
  'DELETE /rooms/{token}/messages/{id}': 'moderator room',
  'POST /rooms/{token}/messages/delete': 'moderator room',
  'PUT /rooms/{token}/messages/{id}/pin': 'admin room',
  'DELETE /rooms/{token}/messages/{id}/pin': 'admin room',
  'POST /rooms/{token}/announcements': 'admin room',
  'GET /rooms/{token}/files': 'viewer room',
  'GET /rooms/{token}/files/{id}': 'viewer room',
  'DELETE /rooms/{token}/files/{id}': 'moderator room',
  'GET /files/usage': 'viewer everywhere',
  'GET /users': 'viewer everywhere',
  'GET /users/{sessionId}': 'viewer anywhere',
  'PUT /users/{sessionId}/roles': 'admin anywhere',
  'POST /users/{sessionId}/delete-posts': 'moderator anywhere',
  'GET /moderators': 'viewer anywhere',
  'GET /bans': 'viewer anywhere',
  'POST /bans': 'moderator anywhere',
  'DELETE /bans/{id}': 'moderator anywhere',
  'POST /mutes': 'moderator anywhere',
  'DELETE /mutes/{id}': 'moderator anywhere',
  'GET /log': 'viewer anywhere',
  'GET /jobs': 'viewer everywhere',
  'GET /jobs/{id}': 'viewer everywhere',
  'POST /jobs/{id}/retry': 'admin everywhere',
  'DELETE /jobs/{id}': 'admin everywhere',
  'GET /tokens': 'admin everywhere',
  'POST /tokens': 'admin everywhere',
  'DELETE /tokens/{id}': 'admin everywhere',
  'GET /events': 'viewer anywhere',
  'GET /statistics': 'viewer anywhere',
  'GET /webhooks': 'admin anywhere',
  'POST /webhooks': 'admin anywhere',
  'GET /webhooks/{id}': 'admin anywhere',
  'PATCH /webhooks/{id}': 'admin anywhere',
  'DELETE /webhooks/{id}': 'admin anywhere',
  'POST /webhooks/{id}/rotate-secret': 'admin anywhere',
  'POST /webhooks/{id}/test': 'admin anywhere',
  'GET /webhooks/{id}/deliveries': 'admin anywhere',
  'POST /webhooks/{id}/deliveries/{deliveryId}/retry': 'admin anywhere',
};

const RANKS = { viewer: 0, moderator: 1, admin: 2 } as const;
const NO_ID = '999999';

let server: PlazaProcess;
let admin: AdminClient;
let operations: Operation[];
/** Operations that anybody may call. */
let open: string[];
let mod: Account;
let stranger: Account;

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza();
  admin = await adminWith(server, '--name', 'root', '--role', 'admin');
  await admin.post('/rooms', { token: 'fish', name: 'Fish' });
  [mod, stranger] = [newAccount(server), newAccount(server)];
  for (const account of [mod, stranger]) await call(server, account, 'GET', '/room/lobby');
  await server.plaza('moderator', 'add', mod.sessionId, '--room', 'lobby');
  await untilModerator(server, mod);
  const document = (await (await fetch(`${server.base}/admin/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { 'x-plaza-role'?: Operation['need'] }>>;
  };
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace('/admin/v1', ''),
      need: operation['x-plaza-role'],
    })),
  );
  open = all.filter(({ need }) => !need).map(({ method, path }) => `${method} ${path}`);
  operations = all.filter((one): one is Operation => one.need !== undefined);
});
afterAll(() => server?.stop());
afterAll(endEverything);

/** One that changes nothing even where it is let in: nobody has that id, and the body says nothing. */
function filled({ path }: Operation, room: string): string {
  return path
    .replace('{token}', room)
    .replace('{sessionId}', `15${'a'.repeat(64)}`)
    .replace('{kind}', 'filters')
    .replace('{deliveryId}', NO_ID)
    .replace(/^\/statistics$/, `/statistics?room=${room}`)
    .replace('{id}', /bans|mutes/.test(path) ? `${NO_ID}-${NO_ID}` : NO_ID);
}
const bodyOf = ({ path }: Operation, room: string): unknown =>
  path.endsWith('delete-posts') ? { rooms: [room] } : [];

type Verdict = 'let in' | 'unauthenticated' | 'forbidden' | 'no such room';

function verdictOf({ status, json }: { status: number; json: any }): Verdict {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404 && json?.detail === 'There is no such room') return 'no such room';
  expect(status).toBeLessThan(500);
  return 'let in';
}

type Ask = (operation: Operation, room: string) => Promise<Verdict>;

const asking =
  (client: AdminClient): Ask =>
  async (operation, room) => {
    const { method } = operation;
    const json = method === 'GET' || operation.path.endsWith('/image') ? undefined : bodyOf(operation, room);
    return verdictOf(await client.ask(method, filled(operation, room), { json }));
  };

const signing =
  (account: Account): Ask =>
  async (operation, room) => {
    const { method } = operation;
    const target = filled(operation, room);
    const json = method === 'GET' || operation.path.endsWith('/image') ? undefined : bodyOf(operation, room);
    const { headers } = signed(account, method, `/admin/v1${target}`, { json });
    return verdictOf(await new AdminClient(server.base, headers).ask(method, target, { json }));
  };

function mayWith(role: Role, scope: 'lobby' | 'everywhere', { need }: Operation): boolean {
  return RANKS[role] >= RANKS[need.role] && (scope === 'everywhere' || need.where !== 'everywhere');
}

/** Every operation with what came of it, where it is not what it should be. */
async function wrong(ask: Ask, room: string, expected: (operation: Operation) => Verdict): Promise<string[]> {
  const found: string[] = [];
  for (const operation of operations) {
    const verdict = await ask(operation, room);
    const right = expected(operation);
    if (verdict !== right) found.push(`${operation.method} ${operation.path}: ${verdict}, not ${right}`);
  }
  return found;
}

it('every endpoint says what it needs, and that is what was agreed', () => {
  const said = Object.fromEntries([
    ...open.map((name) => [name, 'everybody']),
    ...operations.map(({ method, path, need }) => [`${method} ${path}`, `${need.role} ${need.where}`]),
  ]);
  expect(said).toMatchObject(EXPECTED);
});

describe.each(['viewer', 'moderator', 'admin'] as const)('a %s', (role) => {
  it('of the whole server gets what the role gives, in every room', async () => {
    const ask = asking(await admin.appoint(`global ${role}`, role));
    const expected = (one: Operation): Verdict => (mayWith(role, 'everywhere', one) ? 'let in' : 'forbidden');
    expect(await wrong(ask, 'lobby', expected)).toEqual([]);
  });

  it('of one room gets what the role gives there, and nothing of the server', async () => {
    const ask = asking(await admin.appoint(`lobby ${role}`, role, 'lobby'));
    const expected = (one: Operation): Verdict => (mayWith(role, 'lobby', one) ? 'let in' : 'forbidden');
    expect(await wrong(ask, 'lobby', expected)).toEqual([]);
  });

  it('of one room does not even learn that another is there', async () => {
    const ask = asking(await admin.appoint(`other ${role}`, role, 'lobby'));
    const inRooms = operations.filter(({ need }) => need.where === 'room');
    for (const operation of inRooms)
      expect([operation.path, await ask(operation, 'fish')]).toEqual([operation.path, 'no such room']);
  });
});

it('a Session identity has the rights that it has in the community', async () => {
  const expected = (one: Operation): Verdict => (mayWith('moderator', 'lobby', one) ? 'let in' : 'forbidden');
  expect(await wrong(signing(mod), 'lobby', expected)).toEqual([]);
});

it('a Session identity without any role gets nothing', async () => {
  const expected = ({ need }: Operation): Verdict => (need.where === 'room' ? 'no such room' : 'forbidden');
  expect(await wrong(signing(stranger), 'lobby', expected)).toEqual([]);
});

it('somebody without anything is asked who they are', async () => {
  expect(await wrong(asking(new AdminClient(server.base)), 'lobby', () => 'unauthenticated')).toEqual([]);
});
