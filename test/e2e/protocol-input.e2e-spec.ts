import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { StoredState } from '../support/stored-state.js';

/** Bodies and paths that are not what protocol.md asks for: the protocol's refusal, and nothing half done. */

jest.setTimeout(180_000);

let server: PlazaProcess;
let stored: StoredState;
let admin: Account;
let ann: Account;
/** A message of the admin's. */
let id: number;

beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
  [admin, ann] = [newAccount(server), newAccount(server)];
  await server.plaza('moderator', 'add', admin.sessionId, '--global', '--admin');
  await server.plaza('room', 'create', 'second', '--name', 'Second');
  await call(server, ann, 'POST', '/room/lobby/file', { body: Buffer.from('x') });
  id = (await post(server, admin, 'lobby', 'hello')).json.id as number;
  stored = await StoredState.of(server);
});
afterAll(async () => {
  await stored?.close();
  await server?.stop();
  await endEverything();
});

const BOOLEANS = ['true', 1, 0, [], {}];
const STRINGS = [1, true, [], {}];
const BASE64 = [...STRINGS, null, 'a', 'ab=', 'YQ=', 'YQ===', 'a b=', 'YQ==\n', '-_-_', 'ä'];
const list = (length: number, item: (n: number) => unknown) => Array.from({ length }, (_, n) => item(n));
const SIGNATURE = (bytes: number) => Buffer.alloc(bytes).toString('base64');

/** A call that is right in everything, and values that are wrong for one of its fields. */
interface Call {
  method: string;
  path: () => string;
  body: () => Record<string, unknown>;
  wrong: Record<string, unknown[]>;
}

const CONTENT = {
  data: [...BASE64, Buffer.alloc(256 * 1024 + 1).toString('base64'), undefined],
  signature: [...BASE64, SIGNATURE(63), SIGNATURE(65), '', SIGNATURE(64), undefined],
  files: [1, '1', true, {}, [1.5], [true], ['x'], [null], [[]], ['1.5'], [''], [' 1'], list(65, (n) => n)],
};
const SCOPE = {
  rooms: [
    'lobby',
    1,
    true,
    {},
    [],
    [1],
    [null],
    [['lobby']],
    ['*', 'lobby'],
    ['lobby', '*'],
    ['*', '*'],
    list(1001, (n) => `room${n}`),
    undefined,
    null,
  ],
  global: ['true', 1, {}, [], true],
};
const PERMISSIONS = ['read', 'accessible', 'write', 'upload'];
const fields = (names: string[], values: unknown[]) =>
  Object.fromEntries(names.map((name) => [name, values]));

const CALLS: Record<string, Call> = {
  'POST /room/R/message': {
    method: 'POST',
    path: () => '/room/lobby/message',
    body: () => ({ ...messageBody(admin, 'fine') }),
    wrong: {
      ...CONTENT,
      whisper_mods: BOOLEANS,
      whisper_to: [
        ...STRINGS,
        '',
        'ann',
        `15${'0'.repeat(63)}`,
        `15${'g'.repeat(64)}`,
        `00${'a'.repeat(64)}`,
      ],
    },
  },
  'PUT /room/R/message/ID': {
    method: 'PUT',
    path: () => `/room/lobby/message/${id}`,
    body: () => ({ ...messageBody(admin, 'other') }),
    wrong: CONTENT,
  },
  'PUT /room/R': {
    method: 'PUT',
    path: () => '/room/lobby',
    body: () => ({ name: 'Other', description: 'Other' }),
    wrong: {
      name: [...STRINGS, null, '', '\n\u0000', '😀'.repeat(201)],
      description: [...STRINGS, 'x'.repeat(4001)],
      image: ['1', 1.5, true, null, [], {}],
      ...fields(
        PERMISSIONS.map((permission) => `default_${permission}`),
        [...BOOLEANS, null],
      ),
    },
  },
  'POST /room/R/permissions/SID': {
    method: 'POST',
    path: () => `/room/lobby/permissions/${ann.blindedId}`,
    body: () => ({ write: false, default_upload: true }),
    wrong: {
      ...fields(
        [...PERMISSIONS, ...PERMISSIONS.map((permission) => `default_${permission}`)],
        [...BOOLEANS, null],
      ),
      default_write: [true],
      upload: [true, false],
      unschedule: [...BOOLEANS, null],
    },
  },
  'POST /room/R/futurePermissions/SID': {
    method: 'POST',
    path: () => `/room/lobby/futurePermissions/${ann.blindedId}`,
    body: () => ({ write: false, in: 60 }),
    wrong: {
      ...fields(['read', 'write', 'upload'], [...BOOLEANS, null]),
      in: ['60', 0, -1, 1e9, 1e10, true, [60], {}, null, undefined],
    },
  },
  'POST /user/SID/moderator': {
    method: 'POST',
    path: () => `/user/${ann.blindedId}/moderator`,
    body: () => ({ rooms: ['lobby'], moderator: true }),
    wrong: {
      ...SCOPE,
      moderator: [...BOOLEANS, undefined, null],
      admin: BOOLEANS,
      visible: BOOLEANS,
    },
  },
  'POST /user/SID/ban': {
    method: 'POST',
    path: () => `/user/${ann.blindedId}/ban`,
    body: () => ({ rooms: ['lobby'] }),
    wrong: { ...SCOPE, timeout: ['60', '', true, [], {}] },
  },
  'POST /user/SID/unban': {
    method: 'POST',
    path: () => `/user/${ann.blindedId}/unban`,
    body: () => ({ rooms: ['lobby'] }),
    wrong: SCOPE,
  },
  'POST /inbox/SID': {
    method: 'POST',
    path: () => `/inbox/${ann.blindedId}`,
    body: () => ({ message: 'YQ==' }),
    wrong: { message: [...BASE64, undefined, Buffer.alloc(256 * 1024 + 1).toString('base64')] },
  },
};

const send = ({ method, path }: Pick<Call, 'method' | 'path'>, options: { json?: unknown; body?: Buffer }) =>
  call(server, admin, method, path(), options);

/** Each must be answered with that status, all in plain text, and leave no trace. */
async function refuse(
  status: number,
  sent: (() => Promise<{ status: number; headers: any }>)[],
): Promise<void> {
  const before = await stored.read();
  const answers: unknown[] = [];
  for (const one of sent) {
    const answer = await one();
    answers.push([answer.status, answer.headers['content-type']]);
  }
  expect(answers).toEqual(sent.map(() => [status, 'text/plain; charset=utf-8']));
  expect(await stored.read()).toEqual(before);
}

describe.each(Object.keys(CALLS))('%s', (name) => {
  const right = CALLS[name]!;

  it.each(Object.keys(right.wrong))('is 400 for each wrong value of "%s"', async (field) => {
    const bodies = right.wrong[field]!.map((value) => ({ ...right.body(), [field]: value }));
    await refuse(
      400,
      bodies.map((json) => () => send(right, { json })),
    );
  });

  it('is 400 for a body that is no JSON object', async () => {
    const deep = `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`;
    const texts = ['', '{', '[]', 'null', '7', '"x"', '{}x', "{'a':1}", '{"a":1,}', deep, '\ufeff{}'];
    const bodies = [...texts.map((text) => Buffer.from(text)), Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])];
    await refuse(
      400,
      bodies.map((body) => () => send(right, { body })),
    );
  });

  it('is 400 for a body without anything that it knows', () =>
    refuse(400, [() => send(right, { json: {} }), () => send(right, { json: { nothing: 1 } })]));

  it('is 400 as a part of a batch too, that part alone', async () => {
    const before = await stored.read();
    const part = { method: right.method, path: right.path(), json: { nothing: 1 } };
    const { status, json } = await call(server, admin, 'POST', '/batch', { json: [part] });
    expect([status, json[0].code]).toEqual([200, 400]);
    expect(await stored.read()).toEqual(before);
  });
});

describe('moderation calls', () => {
  const calls = ['moderator', 'ban', 'unban'];

  it.each<[string, unknown[]]>([
    ['named twice', ['lobby', 'lobby']],
    ['named twice, in another case', ['lobby', 'LOBBY']],
    ['unknown', ['nowhere']],
    ['unknown, beside known ones', ['lobby', 'nowhere', 'second']],
    ['no token', ['lobby', '']],
    ['no token, with spaces', ['lobby', 'a b']],
    ['unknown, a thousand times', list(1000, (n) => `room${n}`)],
  ])('are 403 as a whole when a room is %s', (_, rooms) =>
    refuse(
      403,
      calls.map((name) => () => {
        const json = { rooms, moderator: true };
        return call(server, admin, 'POST', `/user/${ann.blindedId}/${name}`, { json });
      }),
    ),
  );

  it('are 403 when one of the rooms is not the caller’s, whatever the others are', async () => {
    const moderator = newAccount(server);
    const json = { rooms: ['second'], admin: true };
    await call(server, admin, 'POST', `/user/${moderator.blindedId}/moderator`, { json });
    await call(server, moderator, 'GET', '/capabilities');
    await refuse(
      403,
      calls.map((name) => () => {
        const both = { rooms: ['second', 'lobby'], moderator: true };
        return call(server, moderator, 'POST', `/user/${ann.blindedId}/${name}`, { json: both });
      }),
    );
  });

  it('are 400 for an admin who is no moderator', () =>
    refuse(400, [
      () => {
        const json = { rooms: ['lobby'], admin: true, moderator: false };
        return call(server, admin, 'POST', `/user/${ann.blindedId}/moderator`, { json });
      },
    ]));

  it('take null for what is left out, and unknown fields', async () => {
    const target = newAccount(server).blindedId;
    const bodies = {
      moderator: { rooms: ['lobby'], global: null, moderator: true, admin: null, visible: null, other: 1 },
      ban: { rooms: ['second'], global: false, timeout: null },
      unban: { rooms: null, global: true },
    };
    for (const [name, json] of Object.entries(bodies))
      expect((await call(server, admin, 'POST', `/user/${target}/${name}`, { json })).status).toBe(200);
  });
});

describe('files of a message', () => {
  it.each([[-1], [0], [2 ** 60], [1e300], ['-1'], ['9223372036854775807'], ['9'.repeat(400)], [999_999]])(
    'that are none, %p, are ignored',
    async (file) => {
      const json = { ...messageBody(admin, 'with a file'), files: [file] };
      expect((await call(server, admin, 'POST', '/room/lobby/message', { json })).status).toBe(201);
      await call(server, admin, 'DELETE', `/room/lobby/all/${admin.blindedId}`);
    },
  );
});

describe('a room image', () => {
  it.each([0, -1, 999_999, Number.MAX_SAFE_INTEGER, 2 ** 60, 1e300])(
    'that is not there, %i, is 406, and the rest of the change is undone',
    (image) =>
      refuse(406, [
        () =>
          call(server, admin, 'PUT', '/room/lobby', { json: { image, name: 'Other', default_read: false } }),
      ]),
  );
});
