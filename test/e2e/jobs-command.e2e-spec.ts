import { Queue } from 'bullmq';
import { openWorkerJobs } from '../../libs/community/open-job-backend.js';
import type { LongJobRecord } from '../../libs/jobs/long-jobs.js';
import { QUEUES } from '../../libs/jobs/queues.js';
import { readRunFile } from '../../libs/storage/data-folder.js';
import { setTimeout as delay } from 'node:timers/promises';
import { endEverything, spawnKept, emptyWorkingFolder } from '../support/kept-processes.js';
import { call, newAccount, post } from '../support/plaza-calls.js';
import {
  environmentOf,
  plazaCommand,
  PROJECT,
  startPlaza,
  type PlazaProcess,
} from '../support/plaza-process.js';
import { connect } from '../support/scratch-database.js';
import { sessionClientReady, type Account } from '../support/session-client.js';

jest.setTimeout(180_000);
afterAll(endEverything);

const env = { RATE_LIMIT_POSTS: '0' };
let server: PlazaProcess;
let ann: Account;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza({ env });
  for (const token of ['a', 'b']) await server.plaza('room', 'create', token, '--name', token);
});
beforeEach(() => {
  ann = newAccount(server);
});

type Run = PlazaProcess['plaza'];

/** Runs a command that must go well. */
async function good(run: Run, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout.trim();
}

/** Runs a command that must not be possible, and is told so in a line. */
async function bad(run: Run, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ args, code, stdout, lines: stderr.trim().split('\n').length }).toEqual({
    args,
    code: 1,
    stdout: '',
    lines: 1,
  });
  return stderr.trim();
}

const deletePosts = (...args: string[]) => good(server.plaza, 'user', 'delete-posts', ...args);
async function writeInRooms(...tokens: string[]): Promise<void> {
  for (const token of tokens) expect((await post(server, ann, token, 'hello')).status).toBe(201);
}
async function livingIn(token: string): Promise<number> {
  const { json } = await call(server, undefined, 'GET', `/room/${token}/messages/recent?limit=256`);
  return (json as { session_id: string }[]).filter((message) => message.session_id === ann.blindedId).length;
}
const jobsOf = async (run: Run, ...args: string[]): Promise<LongJobRecord[]> =>
  JSON.parse(await good(run, 'jobs', 'list', '--json', ...args)) as LongJobRecord[];

describe('user delete-posts', () => {
  it('deletes everything by somebody, and says how much', async () => {
    await writeInRooms('lobby', 'a', 'a');
    expect(await deletePosts(ann.blindedId, '--yes')).toBe('Deleted 3 messages in 2 rooms.');
    expect([await livingIn('lobby'), await livingIn('a')]).toEqual([0, 0]);
    expect(await deletePosts(ann.blindedId, '--yes')).toBe(`There is nothing by ${ann.blindedId}.`);
  });

  it('keeps to the rooms that are named, and takes a Session ID', async () => {
    await writeInRooms('lobby', 'a', 'b');
    const out = await deletePosts(ann.sessionId, '--room', 'A', 'b', '--yes', '--json');
    expect(JSON.parse(out)).toEqual({ jobId: expect.any(String) as string, rooms: 2, messages: 2 });
    expect([await livingIn('lobby'), await livingIn('a'), await livingIn('b')]).toEqual([1, 0, 0]);
  });

  it('asks first, and without anybody to ask needs --yes', async () => {
    await writeInRooms('lobby');
    expect(await bad(server.plaza, 'user', 'delete-posts', ann.blindedId)).toContain('--yes');
    expect(await livingIn('lobby')).toBe(1);
  });

  it.each([
    ['what is no id', ['nobody'], /not a Session ID/, 2],
    ['somebody who was never here', [`15${'ab'.repeat(32)}`], /was never here/, 1],
  ])('of %s is refused', async (_, args, text, code) => {
    const refused = await server.plaza('user', 'delete-posts', ...args, '--yes');
    expect(refused).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(text) });
  });

  it('in a room that there is not is refused', async () => {
    await writeInRooms('lobby');
    const text = await bad(server.plaza, 'user', 'delete-posts', ann.blindedId, '--room', 'nowhere', '--yes');
    expect(text).toContain('There is no room "nowhere"');
  });

  it('with --no-wait leaves it to the worker', async () => {
    await writeInRooms('lobby');
    const out = await deletePosts(ann.blindedId, '--yes', '--no-wait');
    expect(out).toMatch(/^Job \S+ is with the worker\. See: plaza jobs show \S+$/);
    while ((await livingIn('lobby')) > 0) await delay(50);
  });

  it('that is left with Ctrl-C goes on', async () => {
    await writeInRooms('lobby', 'a');
    const { databaseUrl } = (await readRunFile(server.dataDir))!;
    const blocker = await connect(databaseUrl);
    await blocker.query('BEGIN');
    await blocker.query(`SELECT FROM rooms WHERE token = 'a' FOR UPDATE`);
    const child = spawnKept(`${PROJECT}/bin/plaza`, ['user', 'delete-posts', ann.blindedId, '--yes'], {
      cwd: emptyWorkingFolder(),
      env: environmentOf({ dataDir: server.dataDir, env }),
    });
    while ((await livingIn('lobby')) > 0) await delay(50);
    await delay(2_000); // the worker may be at it before the command looks after it
    process.kill(-child.pid, 'SIGINT');
    const { code, stdout, stderr } = await child.finished;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^The worker goes on with job (\S+)\. See: plaza jobs show \1\n$/);
    await blocker.query('COMMIT');
    await blocker.end();
    while ((await livingIn('a')) > 0) await delay(50);
  });
});

/** A job that cannot be done. */
async function poison(): Promise<string> {
  const { databaseUrl } = (await readRunFile(server.dataDir))!;
  const backend = openWorkerJobs({
    databaseUrl,
    redisUrl: undefined,
    publicKeyHex: server.publicKey.toString('hex'),
  });
  const queue = new Queue(QUEUES.longJobs, { connection: backend.connection });
  const { id } = await queue.add('delete-posts', { authorId: 'ann' });
  await queue.close();
  await backend.close();
  while (!(await jobsOf(server.plaza, '--state', 'dead')).some((job) => job.id === id)) await delay(50);
  return id!;
}

describe('jobs', () => {
  it('list shows them for people and for programs, show one of them', async () => {
    await writeInRooms('a');
    await deletePosts(ann.blindedId, '--yes', '--room', 'a');
    const [job] = await jobsOf(server.plaza, '--state', 'done');
    expect(job).toMatchObject({
      kind: 'delete-posts',
      state: 'done',
      progress: { rooms: 1, roomsTotal: 1, messages: 1 },
      attempts: 1,
      reason: null,
    });
    expect(await good(server.plaza, 'jobs', 'list')).toMatch(
      new RegExp(`^${job!.id} .*delete-posts .*done .*1 of 1 room, 1 message`, 'm'),
    );
    const shown = await good(server.plaza, 'jobs', 'show', job!.id);
    expect(shown).toContain(ann.blindedId);
    expect(shown).toMatch(/^rooms +a$/m);
    expect(JSON.parse(await good(server.plaza, 'jobs', 'show', job!.id, '--json'))).toEqual(job);
  });

  it('retry and remove work on dead ones', async () => {
    const [first, second] = [await poison(), await poison()];
    expect((await jobsOf(server.plaza, '--state', 'dead')).map(({ id }) => id)).toEqual(
      expect.arrayContaining([first, second]),
    );
    expect(await good(server.plaza, 'jobs', 'show', first)).toMatch(/^last failure +not a payload/m);
    expect(await good(server.plaza, 'jobs', 'retry', first)).toBe(`Job ${first} goes on.`);
    while ((await jobsOf(server.plaza, '--state', 'dead')).length < 2) await delay(50);
    expect(await good(server.plaza, 'jobs', 'retry', '--all')).toBe('2 jobs go on.');
    while ((await jobsOf(server.plaza, '--state', 'dead')).length < 2) await delay(50);
    for (const id of [first, second])
      expect(await good(server.plaza, 'jobs', 'remove', id)).toBe(`Job ${id} is removed.`);
    expect(await jobsOf(server.plaza, '--state', 'dead')).toEqual([]);
  });

  it('that are not there, or not dead, are refused', async () => {
    await writeInRooms('a');
    await deletePosts(ann.blindedId, '--yes');
    const [done] = await jobsOf(server.plaza, '--state', 'done');
    expect(await bad(server.plaza, 'jobs', 'show', 'nowhere')).toContain('There is no job nowhere');
    for (const verb of ['retry', 'remove'])
      for (const id of ['nowhere', done!.id])
        expect(await bad(server.plaza, 'jobs', verb, id)).toContain(`There is no dead job ${id}`);
    for (const which of [[], [done!.id, '--all']]) {
      const { code, stderr } = await server.plaza('jobs', 'retry', ...which);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--all')]);
    }
    expect((await server.plaza('jobs', 'list', '--state', 'tired')).code).toBe(2);
  });
});

describe('room set --retention-days', () => {
  const shown = async () =>
    JSON.parse(await good(server.plaza, 'room', 'show', 'b', '--json')) as { retentionDays: number | null };

  it('sets how long messages are kept, and room show tells', async () => {
    expect(await shown()).toMatchObject({ retentionDays: null });
    expect(await good(server.plaza, 'room', 'show', 'b')).toMatch(/^messages are kept +for ever$/m);
    const unasked = await server.plaza('room', 'set', 'b', '--retention-days', '30', '--name', 'x');
    expect(unasked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--yes') });
    expect(await shown()).toMatchObject({ retentionDays: null, name: 'b' });
    expect(await good(server.plaza, 'room', 'set', 'b', '--retention-days', '30', '--yes')).toBe(
      'Room "b" is changed.',
    );
    expect(await shown()).toMatchObject({ retentionDays: 30 });
    expect(await good(server.plaza, 'room', 'show', 'b')).toMatch(/^messages are kept +30 days$/m);
    await good(server.plaza, 'room', 'set', 'b', '--retention-days', '40'); // nothing goes that was to stay
    await good(server.plaza, 'room', 'set', 'b', '--retention-days', 'off');
    expect(await shown()).toMatchObject({ retentionDays: null });
  });

  it('says how long it takes until the old ones are gone', async () => {
    await writeInRooms('b');
    const { databaseUrl } = (await readRunFile(server.dataDir))!;
    const client = await connect(databaseUrl);
    await client.query('UPDATE messages SET posted_at = 0 WHERE data IS NOT NULL');
    await client.end();
    expect(await good(server.plaza, 'room', 'set', 'b', '--retention-days', '1', '--yes')).toMatch(
      /^Room "b" is changed\.\n1 message is older and will be deleted within 1 hour\.$/,
    );
    while ((await livingIn('b')) > 0) await delay(100);
  });

  it.each(['0', '-1', '1.5', 'soon', '36501', ''])('%p is refused', async (days) => {
    const { code, stdout } = await server.plaza('room', 'set', 'b', `--retention-days=${days}`, '--yes');
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
  });
});

describe('with the server stopped', () => {
  const command: Run = (...args) => plazaCommand({ dataDir: server.dataDir, env }, ...args);
  let ben: Account;
  beforeAll(async () => {
    ben = newAccount(server);
    for (const token of ['lobby', 'a']) await post(server, ben, token, 'hello');
    await server.stop();
  });

  it('user delete-posts --no-wait says that nobody does it now', async () => {
    expect(
      await good(command, 'user', 'delete-posts', ben.blindedId, '--room', 'a', '--yes', '--no-wait'),
    ).toMatch(/^Job \S+ waits for a worker; none is running\.$/);
    expect((await jobsOf(command, '--state', 'waiting')).length).toBe(1);
  });

  it('user delete-posts does it itself', async () => {
    const out = await good(command, 'user', 'delete-posts', ben.blindedId, '--yes', '--room', 'lobby');
    expect(out).toBe('Deleted 1 message in 1 room.');
  });
});
