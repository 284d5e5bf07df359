import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { endEverything } from '../support/kept-processes.js';
import { type Answer, call, newAccount, onionCall, post, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';

jest.setTimeout(180_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const LIMITED = { status: 429, text: 'Rate limited' };
const shown = ({ status, text }: Pick<Answer, 'status' | 'text'>) => ({ status, text });
const statusesOf = (answers: readonly { status: number }[]): number[] => answers.map(({ status }) => status);
const count = (statuses: readonly number[], status: number): number =>
  statuses.filter((each) => each === status).length;

/** Several at a time, as an attacker does. */
async function all<Result>(times: number, run: (at: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: times }, (_, at) => run(at)));
}

/** How long something takes, in seconds: for so long allowances are filled up. */
async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; seconds: number }> {
  const begun = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - begun) / 1000 };
}

/** Nonces on disk. */
const rememberedBy = ({ dataDir }: PlazaProcess): number =>
  readdirSync(join(dataDir, 'nonces'))
    .filter((name) => name.endsWith('.bin'))
    .reduce((sum, name) => sum + statSync(join(dataDir, 'nonces', name)).size / 16, 0);

describe('what one user costs', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    const env = { USER_COST_PER_SECOND_MAX: '1', USER_COST_BURST_MAX: '60', RATE_LIMIT_POSTS: '0' };
    server = await startPlaza({ env });
  });
  afterAll(() => server?.stop());

  const read = (account: Account | undefined) => call(server, account, 'GET', '/room/lobby');
  const batch = (parts: number) =>
    Array.from({ length: parts }, () => ({ method: 'GET', path: '/room/lobby/messages/recent' }));

  it('is bounded; others and anonymous readers notice nothing', async () => {
    const [greedy, other] = [newAccount(server), newAccount(server)];
    const { result, seconds } = await timed(() => all(100, () => read(greedy)));
    const statuses = statusesOf(result);
    expect(count(statuses, 200)).toBeGreaterThanOrEqual(60);
    expect(count(statuses, 200)).toBeLessThan(70 + seconds);
    expect(count(statuses, 429)).toBe(100 - count(statuses, 200));
    const refused = result.find(({ status }) => status === 429)!;
    expect(shown(refused)).toEqual(LIMITED);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(statusesOf([await read(other), await read(undefined)])).toEqual([200, 200]);
  });

  it('is asked for before a request is remembered', async () => {
    const account = newAccount(server);
    await read(account); // nobody knows of a newcomer what they cost
    const before = rememberedBy(server);
    const { seconds } = await timed(() => all(100, () => read(account)));
    const remembered = rememberedBy(server) - before;
    expect(remembered).toBeGreaterThanOrEqual(59);
    expect(remembered).toBeLessThan(75 + seconds);
  });

  it('counts the parts of a batch, each answered by itself', async () => {
    const account = newAccount(server);
    const { result, seconds } = await timed(() =>
      call(server, account, 'POST', '/batch', { json: batch(80) }),
    );
    expect(result.status).toBe(200);
    const parts = result.json as { code: number }[];
    const codes = parts.map(({ code }) => code);
    expect(codes.slice(0, 59)).toEqual(codes.slice(0, 59).map(() => 200));
    expect(count(codes, 200)).toBeLessThan(65 + seconds);
    expect(count(codes, 429)).toBe(80 - count(codes, 200));
    expect(parts.find(({ code }) => code === 429)).toEqual({
      code: 429,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': expect.any(String) },
      body: Buffer.from('Rate limited').toString('base64'),
    });
  });

  it('is told inside an onion, whose own status stays 200', async () => {
    const account = newAccount(server);
    await call(server, account, 'POST', '/batch', { json: batch(80) });
    const ask = () => onionCall(server, account, 'POST', '/batch', { json: batch(5) });
    // It takes what has come in meanwhile.
    let answer = await ask();
    while (answer.status === 200) answer = await ask();
    const { outer, status, text, headers } = answer;
    expect({ outer, ...shown({ status, text }) }).toEqual({ outer: 200, ...LIMITED });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('is more for writes than for reads, and most for uploads', async () => {
    const [writer, uploader] = [newAccount(server), newAccount(server)];
    const posted = await timed(() => all(20, () => post(server, writer, 'lobby', 'hello')));
    const posts = statusesOf(posted.result);
    expect(count(posts, 201)).toBeGreaterThanOrEqual(12);
    expect(count(posts, 201)).toBeLessThanOrEqual(12 + Math.ceil(posted.seconds / 5));
    const body = Buffer.from('file');
    const uploads = await all(6, () => call(server, uploader, 'POST', '/room/lobby/file', { body }));
    expect(count(statusesOf(uploads), 201)).toBe(3);
  });

  it('has no bound for global moderators', async () => {
    const moderator = newAccount(server);
    await server.plaza('moderator', 'add', moderator.sessionId, '--global');
    await untilModerator(server, moderator);
    const statuses = statusesOf(await all(100, () => read(moderator)));
    expect(count(statuses, 200)).toBe(100);
  });
});

describe('what all users do together', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    server = await startPlaza({
      env: {
        RATE_LIMIT_POSTS: '2',
        ROOM_POSTS_PER_SECOND_MAX: '1',
        USER_UPLOADS_MAX: '3',
        USER_UPLOAD_BYTES_MAX: '1MB',
        ROOM_UPLOADS_MAX: '12',
        SERVER_UPLOADS_MAX: '15',
      },
    });
    await server.plaza('room', 'create', 'other', '--name', 'other');
    await server.plaza('room', 'create', 'third', '--name', 'third');
  });
  afterAll(() => server?.stop());

  const upload = (account: Account, room: string, size = 10) =>
    call(server, account, 'POST', `/room/${room}/file`, { body: Buffer.alloc(size) });

  it('has a bound for posts in a room, into which refused ones do not count; other rooms go on', async () => {
    const refused = newAccount(server);
    await all(50, () => post(server, refused, 'lobby', 'again'));
    const { result: answers, seconds } = await timed(() =>
      all(150, () => post(server, newAccount(server), 'lobby', 'hello')),
    );
    const stored = count(statusesOf(answers), 201);
    expect(stored).toBeGreaterThanOrEqual(98);
    expect(stored).toBeLessThan(110 + seconds);
    expect(shown(answers.find(({ status }) => status !== 201)!)).toEqual(LIMITED);
    expect((await post(server, newAccount(server), 'other', 'hello')).status).toBe(201);
  });

  it('has a bound for uploads: of a user in a room, in a room, and on the server, also all at once', async () => {
    const greedy = newAccount(server);
    expect(count(statusesOf(await all(10, () => upload(greedy, 'lobby'))), 201)).toBe(3);
    expect((await upload(greedy, 'other')).status).toBe(201);
    const many = await all(12, () => upload(newAccount(server), 'lobby'));
    expect(count(statusesOf(many), 201)).toBe(9);
    expect(shown(many.find(({ status }) => status !== 201)!)).toEqual(LIMITED);
    const elsewhere = await all(5, () => upload(newAccount(server), 'other'));
    expect(count(statusesOf(elsewhere), 201)).toBe(2);
    const moderator = newAccount(server);
    await server.plaza('moderator', 'add', moderator.sessionId, '--room', 'third');
    await untilModerator(server, moderator, 'third');
    expect((await upload(moderator, 'third')).status).toBe(201);
  });

  it('has a bound for the size of uploads', async () => {
    const fresh = await startPlaza({ env: { USER_UPLOAD_BYTES_MAX: '1MB' } });
    const account = newAccount(fresh);
    const send = (size: number) =>
      call(fresh, account, 'POST', '/room/lobby/file', { body: Buffer.alloc(size) });
    const statuses = statusesOf(await all(5, () => send(300_000)));
    expect(count(statuses, 201)).toBe(3);
    expect(statusesOf([await send(100_001), await send(99_999)])).toEqual([429, 201]);
    await fresh.stop();
  });
});

describe('newcomers', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    const env = { ROOM_NEWCOMERS_MAX: '5', SERVER_NEWCOMERS_MAX: '20', NEWCOMERS_WINDOW_SECONDS: '1h' };
    server = await startPlaza({ env });
    await server.plaza('room', 'create', 'other', '--name', 'other');
  });
  afterAll(() => server?.stop());

  it('beyond a bound do not begin to write in a room, but read; who was let in goes on', async () => {
    const accounts = Array.from({ length: 10 }, () => newAccount(server));
    const answers = await Promise.all(accounts.map((account) => post(server, account, 'lobby', 'hello')));
    expect(count(statusesOf(answers), 201)).toBe(5);
    expect(count(statusesOf(answers), 429)).toBe(5);
    const [letIn, refused] = [201, 429].map((status) => accounts[statusesOf(answers).indexOf(status)]!);
    expect((await post(server, letIn!, 'lobby', 'more')).status).toBe(201);
    expect((await call(server, refused, 'GET', '/room/lobby/messages/recent')).status).toBe(200);
    expect((await post(server, refused!, 'other', 'elsewhere')).status).toBe(201);
    expect(Number((await post(server, refused!, 'lobby', 'hello')).headers['retry-after'])).toBe(3600);
  });

  it('beyond a bound make no user, but read as somebody anonymous does', async () => {
    await all(20, () => call(server, newAccount(server), 'GET', '/rooms'));
    const late = newAccount(server);
    const parts = ['/capabilities', '/room/lobby/pollInfo/0', '/room/lobby/messages/recent', '/inbox'];
    const { outer, status, json } = await onionCall(server, late, 'POST', '/batch', {
      json: parts.map((path) => ({ method: 'GET', path })),
    });
    expect([outer, status]).toEqual([200, 200]);
    expect((json as { code: number }[]).map(({ code }) => code)).toEqual([200, 200, 200, 429]);
    expect(shown(await post(server, late, 'lobby', 'hello'))).toEqual(LIMITED);
    expect((await call(server, late, 'GET', '/admin/v1/session')).status).toBe(429);
    const { code } = await server.plaza('user', 'show', late.blindedId);
    expect(code).not.toBe(0);
    const wrong = { signature: Buffer.alloc(64) };
    expect((await call(server, newAccount(server), 'GET', '/rooms', { auth: wrong })).status).toBe(401);
  });
});
