import { endEverything } from '../support/kept-processes.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

let server: PlazaProcess;
let ann: Account;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
  for (const token of ['fish', 'birds']) await server.plaza('room', 'create', token, '--name', token);
});
afterAll(endEverything);
beforeEach(async () => {
  ann = newAccount(server);
  expect((await post(server, ann, 'fish', 'hello')).status).toBe(201);
});

/** Runs a command that must go well; what it prints. */
async function good(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await server.plaza(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}
const json = async (...args: string[]): Promise<any> => JSON.parse(await good(...args, '--json'));

/** Until the server knows what a command has changed: within a second. */
const becomes = (status: number, work: () => Promise<{ status: number }>): Promise<void> =>
  until(async () => (await work()).status === status);
const posting = () => post(server, ann, 'fish', 'again');

describe('plaza ban', () => {
  it('keeps somebody out of a room until it is lifted, says why, and tells who is', async () => {
    await good('ban', 'add', ann.sessionId, '--room', 'fish', 'birds', '--until', '7d', '--reason', 'spam');
    await becomes(403, posting);
    const bans = await json('ban', 'list', '--prefix', ann.blindedId.slice(0, 20));
    expect(bans).toHaveLength(2);
    expect(bans[0]).toMatchObject({ sessionId: ann.blindedId, by: 'command-line', reason: 'spam' });
    const days = (Date.parse(bans[0].until) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(await json('ban', 'list', '--room', 'lobby')).toEqual([]);
    await good('ban', 'lift', ann.sessionId, '--room', 'fish');
    await becomes(201, posting);
  });

  it('keeps somebody out of the whole server', async () => {
    await good('ban', 'add', ann.blindedId, '--global');
    await becomes(403, () => call(server, ann, 'GET', '/room/fish'));
    expect(await good('ban', 'list')).toMatch(new RegExp(`${ann.blindedId} +\\(whole server\\) +for ever`));
    expect(await good('ban', 'lift', ann.blindedId, '--global')).toMatch(/is lifted on the whole server/);
    expect(await json('ban', 'lift', ann.blindedId, '--global')).toEqual({
      sessionId: ann.blindedId,
      lifted: [],
    });
    await becomes(200, () => call(server, ann, 'GET', '/room/fish'));
  });

  it.each([
    ['without saying where', ['ban', 'add', `05${'1'.repeat(64)}`], 2, /Say where/],
    [
      'in a room that is not there',
      ['ban', 'add', `05${'1'.repeat(64)}`, '--room', 'nowhere'],
      1,
      /no room "nowhere"/,
    ],
    ['of what is no id', ['ban', 'add', 'ann', '--global'], 2, /not a Session ID/],
    [
      'until a time that is over',
      ['ban', 'add', `05${'1'.repeat(64)}`, '--global', '--until', '2020-01-01'],
      2,
      /no time to come/,
    ],
  ])('%s is refused', async (_, args, code, text) => {
    const result = await server.plaza(...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(text);
  });
});

it('plaza mute takes the right to write away, and gives it back', async () => {
  await good('mute', 'add', ann.blindedId, '--room', 'fish', '--until', '1h', '--reason', 'off topic');
  await becomes(403, posting);
  expect((await call(server, ann, 'GET', '/room/fish/messages/recent')).status).toBe(200);
  expect(await json('mute', 'list', '--room', 'fish')).toMatchObject([
    { sessionId: ann.blindedId, reason: 'off topic' },
  ]);
  await good('mute', 'lift', ann.blindedId, '--room', 'fish');
  await becomes(201, posting);
  expect(await good('mute', 'list')).toBe('Nobody is muted.\n');
});

describe('plaza user', () => {
  it('says when there are more than it lists', async () => {
    const all = await server.plaza('user', 'list');
    const count = all.stdout.trim().split('\n').length - 1;
    expect([count > 1, all.stderr]).toEqual([true, '']);
    const some = await server.plaza('user', 'list', '--limit', `${count - 1}`);
    expect(some.stdout.trim().split('\n')).toHaveLength(count);
    expect(some.stderr).toBe(`These are the first ${count - 1}. There are more: see --limit.\n`);
  });

  it('shows one person with roles, bans and rooms', async () => {
    await good('user', 'set-role', ann.sessionId, 'admin', '--room', 'birds');
    await good('ban', 'add', ann.blindedId, '--room', 'fish', '--reason', 'a test');
    const shown = await json('user', 'show', ann.sessionId);
    expect(shown).toMatchObject({ sessionId: ann.blindedId, role: null, banned: false });
    expect(shown.rooms).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ room: 'fish', posts: 1, banned: true }),
        expect.objectContaining({ room: 'birds', admin: true }),
      ]),
    );
    expect(shown.bans).toMatchObject([{ kind: 'ban', room: 'fish', reason: 'a test' }]);
    await good('user', 'permit', ann.blindedId, '--room', 'birds', '--upload', 'no');
    const told = await good('user', 'show', ann.sessionId);
    expect(told).toContain('Banned in "fish": a test');
    expect(told).toMatch(/^birds +\d+ +admin +no +no upload /m);
    const nobody = await server.plaza('user', 'show', `15${'2'.repeat(64)}`);
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
  });

  it('lists whom the server knows, by the beginning of their ids and by what they are', async () => {
    await good('user', 'set-role', ann.blindedId, 'moderator', '--global');
    const [found, ...others] = await json(
      'user',
      'list',
      '--prefix',
      ann.blindedId.slice(0, 30).toUpperCase(),
    );
    expect([found.sessionId, found.role, others]).toEqual([ann.blindedId, 'moderator', []]);
    const moderators = (await json('user', 'list', '--role', 'moderator')) as { sessionId: string }[];
    expect(moderators.map(({ sessionId }) => sessionId)).toContain(ann.blindedId);
    await good('user', 'set-role', ann.blindedId, 'none', '--global');
    const left = (await json('user', 'list', '--role', 'moderator')) as { sessionId: string }[];
    expect(left.map(({ sessionId }) => sessionId)).not.toContain(ann.blindedId);
  });

  it('makes exactly what is named of somebody', async () => {
    const roleOf = async () =>
      ((await json('user', 'list', '--prefix', ann.blindedId))[0] as { role: string }).role;
    await good('user', 'set-role', ann.blindedId, 'admin', '--global');
    expect(await roleOf()).toBe('admin');
    await good('user', 'set-role', ann.blindedId, 'moderator', '--global');
    expect(await roleOf()).toBe('moderator');
    const wrong = await server.plaza('user', 'set-role', ann.blindedId, 'king', '--global');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
  });

  it('permits and forbids single things, and goes back to what everybody may', async () => {
    const change = (choice: string) =>
      json('user', 'permit', ann.blindedId, '--room', 'fish', '--write', choice);
    expect((await change('no')).fish.write).toBe(false);
    await becomes(403, posting);
    expect((await change('default')).fish.write).toBeNull();
    await becomes(201, posting);
    expect((await server.plaza('user', 'permit', ann.blindedId, '--room', 'fish')).code).toBe(2);
  });
});

it('plaza stats counts what was posted since the server started, as soon as it has stopped', async () => {
  const own = await startPlaza();
  const ben = newAccount(own);
  for (let count = 0; count < 3; count++) await post(own, ben, 'lobby', `message ${count}`);
  await own.stop();
  const { stdout } = await own.plaza('stats', '--room', 'lobby', '--json');
  const { series } = JSON.parse(stdout) as { series: { posts: number[] } };
  expect(series.posts).toHaveLength(14);
  expect(series.posts.reduce((sum, count) => sum + count, 0)).toBe(3);
  const shown = (await own.plaza('stats', '--by', 'hour', '--days', '2')).stdout;
  expect(shown).toMatch(/^The whole server, 2 days \(UTC\)/);
  expect(shown).toMatch(/posts .*█.* at most [1-3]/); // fewer where a new hour begins
  expect((await own.plaza('stats', '--room', 'nowhere')).code).toBe(1);
});

it('plaza --version says which', async () => {
  expect(await good('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
});
