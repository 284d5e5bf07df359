import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, newAccount, post, untilModerator } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

/** How soon what one process decided is in force on the other. */
const AT_MOST_MS = 1_000;

let postgres: EmbeddedPostgres;
let here: PlazaProcess;
let there: PlazaProcess;
let admin: Account;
let ann: Account;

beforeAll(async () => {
  await sessionClientReady();
  postgres = await startOwnPostgres();
  const keys = freshFolder();
  mkdirSync(keys);
  const env = {
    DATABASE_URL: postgres.url,
    KEY_FILE: join(keys, 'key'),
    PLAZA_TEST_ALLOW_SEVERAL_PROCESSES: 'true',
    RATE_LIMIT_POSTS: '0',
  };
  here = await startPlaza({ env });
  there = await startPlaza({ env });
  admin = newAccount(here);
  await here.plaza('moderator', 'add', admin.sessionId, '--global', '--admin');
  await untilModerator(here, admin);
});
afterAll(async () => {
  await here?.stop();
  await there?.stop();
  await postgres?.stop();
});
afterAll(endEverything);

beforeEach(async () => {
  ann = newAccount(here);
  expect((await post(there, ann, 'lobby', 'I am here')).status).toBe(201);
});

const decide = async (path: string, json: unknown): Promise<void> => {
  expect((await call(here, admin, 'POST', path, { json })).status).toBe(200);
};

/** Asks the other process until it answers so, and fails when somebody who asked too long afterwards is told otherwise. */
async function becomes(status: number, ask: () => Promise<{ status: number }>): Promise<void> {
  for (const start = performance.now(); ;) {
    const asked = performance.now();
    const answer = await ask();
    if (answer.status === status) return;
    if (asked - start > AT_MOST_MS) expect(answer.status).toBe(status);
  }
}

const posting = () => post(there, ann, 'lobby', 'again');

describe('what one process decided is in force on the other within a second', () => {
  it('a ban from a room, and its end', async () => {
    await decide(`/user/${ann.blindedId}/ban`, { rooms: ['lobby'] });
    await becomes(403, posting);
    await decide(`/user/${ann.blindedId}/unban`, { rooms: ['lobby'] });
    await becomes(201, posting);
  });

  it('a ban from the server, and its end', async () => {
    await decide(`/user/${ann.blindedId}/ban`, { global: true });
    await becomes(403, () => call(there, ann, 'GET', '/capabilities'));
    await decide(`/user/${ann.blindedId}/unban`, { global: true });
    await becomes(200, () => call(there, ann, 'GET', '/capabilities'));
  });

  it('a mute', async () => {
    await decide(`/room/lobby/permissions/${ann.blindedId}`, { write: false });
    await becomes(403, posting);
  });

  it('a role, given and taken', async () => {
    const moderating = () => call(there, ann, 'GET', '/room/lobby/permissions');
    await becomes(403, moderating);
    await decide(`/user/${ann.blindedId}/moderator`, { rooms: ['lobby'], moderator: true });
    await becomes(200, moderating);
    await decide(`/user/${ann.blindedId}/moderator`, { rooms: ['lobby'], moderator: false });
    await becomes(403, moderating);
  });

  it('what everybody may do', async () => {
    await here.plaza('room', 'create', 'news', '--name', 'News');
    const json = { default_write: false };
    const close = async () => (await call(here, admin, 'PUT', '/room/news', { json })).status;
    await until(async () => (await close()) === 200);
    await becomes(403, () => post(there, ann, 'news', 'mine'));
  });
});

describe('somebody named by a 05 id who arrives at both processes at once', () => {
  it.each([1, 2, 3, 4])('is moved once, and nobody sees an error (%i)', async () => {
    const bob = newAccount(here);
    await decide(`/user/${bob.sessionId}/moderator`, { rooms: ['lobby'], moderator: true });
    const asks = [here, there, here, there].map((at) => call(at, bob, 'GET', '/room/lobby/permissions'));
    expect((await Promise.all(asks)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { json } = await call(there, admin, 'GET', '/room/lobby/permissions');
    expect(json).toMatchObject({ [bob.blindedId]: { moderator: true } });
    expect(json).not.toHaveProperty(bob.sessionId);
  });

  it('is refused everywhere when that name was banned', async () => {
    const eve = newAccount(here);
    await decide(`/user/${eve.sessionId}/ban`, { global: true });
    const asks = [here, there, here, there].map((at) => call(at, eve, 'GET', '/capabilities'));
    expect((await Promise.all(asks)).map(({ status, text }) => [status, text])).toEqual(
      Array(4).fill([403, 'Banned']),
    );
  });
});
