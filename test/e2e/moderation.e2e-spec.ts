import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { emptyWorkingFolder, endEverything } from '../support/kept-processes.js';
import { call, newAccount } from '../support/plaza-calls.js';
import { refusedStart, startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import {
  sessionClientReady,
  sessionMessage,
  signedMessage,
  type Account,
} from '../support/session-client.js';

jest.setTimeout(300_000);
afterAll(endEverything);

/** How long a server may take to see what a command changed. */
const SEEN_AFTER_MS = 1_100;

let server: PlazaProcess;
let words: string;
beforeAll(async () => {
  await sessionClientReady();
  words = join(emptyWorkingFolder(), 'words.txt');
  writeFileSync(words, '# ours\nwibble\nwobble*\n');
  server = await startPlaza({ env: { WORD_LIST_FILE: words } });
});

interface Entry {
  id: number;
  action: string;
  via: string;
  target: string | null;
  detail: Record<string, unknown>;
}

async function good(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await server.plaza(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}
const log = async (...args: string[]): Promise<Entry[]> =>
  JSON.parse(await good('log', '--json', '--limit', '500', ...args)) as Entry[];
const post = (account: Account, room: string, text: string) =>
  call(server, account, 'POST', `/room/${room}/message`, {
    json: signedMessage(account, sessionMessage(text)),
  });
const visible = async (room: string): Promise<unknown[]> =>
  (await call(server, undefined, 'GET', `/room/${room}/messages/recent`)).json as unknown[];
const newRoom = async (token: string) => good('room', 'create', token, '--name', token);

describe('rules set while the server runs', () => {
  it('leave at most 3 of 50 copies by 10 people visible, and the log tells why', async () => {
    await newRoom('waves');
    await good('automod', 'set', 'duplicates.copies=3', 'duplicates.seconds=600', '--room', 'waves');
    await delay(SEEN_AFTER_MS);
    const people = Array.from({ length: 10 }, () => newAccount(server));
    for (let round = 0; round < 5; round++)
      for (const person of people)
        expect((await post(person, 'waves', 'Buy my wonderful followers, cheap')).status).toBe(201);
    expect(await visible('waves')).toHaveLength(3);
    const entries = await log('--room', 'waves', '--via', 'filter');
    expect(entries).toHaveLength(47);
    expect(entries.at(-1)).toMatchObject({
      action: 'message.hide',
      detail: { rule: 'duplicates', copies: 4, limit: 3 },
    });
    expect(new Set(entries.map(({ target }) => target)).size).toBe(10);
  });

  it('of a word list hide, in every room that filters words', async () => {
    await newRoom('words');
    await good('filter', 'set', 'profanity.enabled=true', 'profanity.builtIn=false', '--room', 'words');
    await delay(SEEN_AFTER_MS);
    const ann = newAccount(server);
    expect((await post(ann, 'words', 'such W1BBLE')).json).toHaveProperty('filtered', true);
    expect((await post(ann, 'words', 'fine')).json).not.toHaveProperty('filtered');
    expect(await visible('words')).toHaveLength(1);
    expect(await good('filter', 'test', 'what a wobbler', '--room', 'words')).toMatch(/hidden: profanity/);
    await good('filter', 'unset', 'profanity', '--room', 'words');
    await delay(SEEN_AFTER_MS);
    expect((await post(ann, 'words', 'such wibble')).json).not.toHaveProperty('filtered');
  });
});

describe('plaza log', () => {
  it('shows what was asked for, to people and to programs', async () => {
    await newRoom('logged');
    const ann = newAccount(server);
    await good('moderator', 'add', ann.blindedId, '--room', 'logged', '--admin');
    expect(await log('--room', 'LOGGED', '--action', 'moderator')).toMatchObject([
      { action: 'moderator.set', via: 'command-line', target: ann.blindedId, detail: { admin: true } },
    ]);
    expect(await log('--target', ann.blindedId)).toHaveLength(1);
    expect(await log('--target', newAccount(server).blindedId)).toEqual([]);
    expect(await log('--room', 'logged', '--since', '1h', '--until', '0s')).toHaveLength(2);
    expect(await log('--room', 'logged', '--until', '1h')).toEqual([]);
    const [newest] = await log('--room', 'logged', '--limit', '1');
    expect(await log('--room', 'logged', '--before', String(newest!.id))).toMatchObject([
      { action: 'room.create' },
    ]);
    expect(await good('log', '--room', 'logged')).toMatch(/WHEN.*\n.*room\.create.*\n.*moderator\.set/);
    expect(await good('log', '--room', 'nowhere')).toBe('There is no such entry.\n');
  });

  it.each([
    ['--since', 'yesterday'],
    ['--limit', '0'],
    ['--via', 'telepathy'],
  ])('refuses %s %s as not understood', async (...args) =>
    expect((await server.plaza('log', ...args)).code).toBe(2),
  );

  it('refuses an id that is none', async () =>
    expect(await server.plaza('log', '--actor', '15ff')).toMatchObject({ code: 2, stdout: '' }));
});

describe('plaza filter and plaza automod', () => {
  it('change single values, show them, take them away', async () => {
    await newRoom('rules');
    await good('automod', 'set', 'links.deny=spam.example,t.me', 'links.action=delete', '--room', 'rules');
    expect(JSON.parse(await good('automod', 'show', '--json', '--room', 'rules'))).toEqual({
      links: { deny: ['spam.example', 't.me'], action: 'delete' },
    });
    expect(await good('automod', 'explain', '--room', 'rules')).toMatch(
      /^links: Links to spam\.example and t\.me: /,
    );
    expect(await server.plaza('automod', 'unset', 'links.dany', '--room', 'rules')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is set at "links.dany".'),
    });
    expect(await good('automod', 'unset', 'links', '--room', 'rules')).toMatch(/no rules of its own now/);
  });

  it('take whole rules from a file', async () => {
    const file = join(emptyWorkingFolder(), 'rules.json');
    writeFileSync(file, JSON.stringify({ profanity: { enabled: true, words: ['frump'] } }));
    await newRoom('loaded');
    await good('filter', 'load', file, '--room', 'loaded');
    expect(await good('filter', 'show', '--room', 'loaded')).toMatch(/profanity\.words = frump/);
  });

  it.each([
    ['what is no rule', ['automod', 'set', 'floods.posts=3']],
    ['half a rule', ['automod', 'set', 'flood.posts=3']],
    ['a room that is not there', ['filter', 'set', 'filterModerators=true', '--room', 'nowhere']],
    ['a file that is not there', ['filter', 'load', '/no/such/file']],
    ['a word that cannot be', ['filter', 'set', 'profanity.words=/(a+)+$/']],
    ['what is no assignment', ['automod', 'set', 'flood']],
  ])('refuse %s, and say why', async (_what, args) => {
    const { code, stdout, stderr } = await server.plaza(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).not.toMatch(/ at .*\.js:/);
    expect(stderr.trim()).not.toBe('');
  });
});

describe('a word list that cannot be used', () => {
  it('stops the start and names file and line', async () => {
    const path = join(emptyWorkingFolder(), 'broken.txt');
    writeFileSync(path, 'fine\n/(a+)+$/\nalso fine\nx\n');
    const { code, stderr } = await refusedStart({ env: { WORD_LIST_FILE: path } });
    expect(code).toBe(1);
    expect(stderr).toContain(path);
    expect(stderr).toMatch(/line 2: .*regular expression/);
    expect(stderr).toMatch(/line 4: .*single letter/);
    expect(stderr).not.toMatch(/ at .*\.js:/);
  });

  it('that is not there stops it too', async () => {
    const { code, stderr } = await refusedStart({ env: { WORD_LIST_FILE: '/no/such/list.txt' } });
    expect({ code, named: stderr.includes('/no/such/list.txt') }).toEqual({ code: 1, named: true });
  });
});
