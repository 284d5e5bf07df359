import { existsSync, mkdirSync, symlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endEverything, freshFolder, spawnKept } from '../support/kept-processes.js';
import { call, newAccount } from '../support/plaza-calls.js';
import {
  environmentOf,
  plazaCommand,
  PROJECT,
  runProgram,
  startPlaza,
  waitForText,
  type PlazaProcess,
} from '../support/plaza-process.js';
import { sessionClientReady, type Account } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);
afterAll(endEverything);

let server: PlazaProcess;
beforeAll(async () => {
  await sessionClientReady();
  server = await startPlaza();
});

interface Room {
  token: string;
  name: string;
  description: string | null;
  defaults: Record<string, boolean>;
}
interface Moderator {
  sessionId: string;
  room: string | null;
  role: string;
  visible: boolean;
}
type Run = (...args: string[]) => ReturnType<PlazaProcess['plaza']>;

/** Runs a command that must go well. */
async function good(run: Run, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
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

const roomsOf = async (run: Run): Promise<Room[]> =>
  JSON.parse(await good(run, 'room', 'list', '--json')) as Room[];
const moderatorsOf = async (run: Run): Promise<Moderator[]> =>
  JSON.parse(await good(run, 'moderator', 'list', '--json')) as Moderator[];
const get = (target: string, account?: Account) => call(server, account, 'GET', target);
/** The first answer that is so: what a command has changed is known to the server within a second. */
async function answer(target: string, isSo: (json: any) => boolean, account?: Account): Promise<any> {
  let json: any;
  await until(async () => isSo((json = (await get(target, account)).json ?? {})));
  return json;
}
const becomes = (status: number, target: string): Promise<void> =>
  until(async () => (await get(target)).status === status);

/** The absolute id, whose top bit is 0, is the one that an operator's 05 id leads to; the other is its negative. */
function accountOfSign(sign: 'positive' | 'negative'): Account {
  for (;;) {
    const account = newAccount(server);
    const topBit = Number.parseInt(account.blindedId.slice(-2), 16) & 0x80;
    if ((topBit === 0) === (sign === 'positive')) return account;
  }
}

describe('with the server running', () => {
  it('key show prints the public key of the join links, and never the private one', async () => {
    const out = await good(server.plaza, 'key', 'show');
    expect(out).toContain(server.publicKey.toString('hex'));
    const shown = JSON.parse(await good(server.plaza, 'key', 'show', '--json')) as unknown;
    expect(shown).toEqual({
      publicKey: server.publicKey.toString('hex'),
      keyFile: join(server.dataDir, 'key_x25519'),
    });
  });

  it('room create makes a room that is there at once, and prints its join link', async () => {
    const key = server.publicKey.toString('hex');
    const out = await good(
      server.plaza,
      'room',
      'create',
      'Made',
      '--name',
      'Made',
      '--description',
      'a\\nb',
    );
    expect(out).toMatch(new RegExp(`^http://.*/Made\\?public_key=${key}\n$`));
    await becomes(200, '/room/made');
    const { json } = await get('/room/made');
    expect(json).toMatchObject({ token: 'Made', name: 'Made', description: 'a\nb' });
    expect((await get('/rooms')).json.map(({ token }: Room) => token)).toContain('Made');
  });

  it('room create refuses a token that is taken, in any case, or is none', async () => {
    expect(await bad(server.plaza, 'room', 'create', 'LOBBY', '--name', 'x')).toContain('already');
    expect(await bad(server.plaza, 'room', 'create', 'a b', '--name', 'x')).toBeTruthy();
    expect(await bad(server.plaza, 'room', 'create', 'a'.repeat(65), '--name', 'x')).toBeTruthy();
    expect(await bad(server.plaza, 'room', 'create', 'long', '--name', 'x'.repeat(201))).toBeTruthy();
  });

  it('room set changes what clients see at once', async () => {
    await good(server.plaza, 'room', 'create', 'set', '--name', 'Before', '--description', 'Before');
    await good(server.plaza, 'room', 'set', 'SET', '--name', 'After', '--description', '', '--no-write');
    const json = await answer('/room/set', ({ name }) => name === 'After');
    expect(json).toMatchObject({ name: 'After', read: true, write: false, upload: false });
    expect(json).not.toHaveProperty('description');
    await good(server.plaza, 'room', 'set', 'set', '--write', '--no-read', '--no-accessible');
    await becomes(404, '/room/set');
    expect((await roomsOf(server.plaza)).find(({ token }) => token === 'set')?.defaults).toEqual({
      read: false,
      accessible: false,
      write: true,
      upload: true,
    });
  });

  it('room set refuses nothing to set, and a room that is not there', async () => {
    expect(await server.plaza('room', 'set', 'lobby')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to set'),
    });
    expect(await bad(server.plaza, 'room', 'set', 'nowhere', '--name', 'x')).toContain('"nowhere"');
  });

  it('room show tells about one room', async () => {
    const out = await good(server.plaza, 'room', 'show', 'lobby');
    expect(out).toContain('join link');
    const shown = JSON.parse(await good(server.plaza, 'room', 'show', 'LOBBY', '--json')) as object;
    expect(shown).toMatchObject({ token: 'lobby', joinLink: expect.stringContaining('/lobby?public_key=') });
    expect(await bad(server.plaza, 'room', 'show', 'nowhere')).toContain('plaza room list');
  });

  it('room list shows hidden rooms too', async () => {
    await good(server.plaza, 'room', 'create', 'hidden', '--name', 'Hidden');
    await good(server.plaza, 'room', 'set', 'hidden', '--no-read', '--no-accessible');
    expect(await good(server.plaza, 'room', 'list')).toMatch(/^TOKEN .*\n(?:.*\n)*hidden /);
  });

  it('room delete asks first, and deletes at once', async () => {
    await good(server.plaza, 'room', 'create', 'gone', '--name', 'Gone');
    expect(await bad(server.plaza, 'room', 'delete', 'gone')).toContain('--yes');
    await becomes(200, '/room/gone');
    await good(server.plaza, 'room', 'delete', 'gone', '--yes');
    await becomes(404, '/room/gone');
    expect(await bad(server.plaza, 'room', 'delete', 'gone', '--yes')).toContain('"gone"');
  });

  it.each([
    ['lobby2', true],
    ['yes', false],
  ])('room delete on a terminal takes the token for a yes: %s', async (answer, deleted) => {
    await server.plaza('room', 'create', 'lobby2', '--name', 'x');
    const command = `${PROJECT}/bin/plaza room delete lobby2`;
    const inTerminal =
      process.platform === 'darwin'
        ? ['-q', '/dev/null', ...command.split(' ')]
        : ['-qec', command, '/dev/null'];
    const terminal = spawnKept('script', inTerminal, { cwd: PROJECT, env: environmentOf(server) });
    await waitForText(terminal, /Type its token to confirm/);
    terminal.type(answer);
    expect((await terminal.finished).code).toBe(deleted ? 0 : 1);
    await becomes(deleted ? 404 : 200, '/room/lobby2');
  });
});

describe('moderators, with the server running', () => {
  it.each(['positive', 'negative'] as const)(
    'a 05 id becomes an admin before its owner was ever here: blinded id of %s sign',
    async (sign) => {
      const account = accountOfSign(sign);
      await good(server.plaza, 'moderator', 'add', account.sessionId, '--room', 'lobby', '--admin');
      await answer('/room/lobby', ({ admins }) => admins.includes(account.sessionId));
      expect((await get('/room/lobby', account)).json).toMatchObject({ admin: true, moderator: true });
      const { admins } = (await get('/room/lobby')).json as { admins: string[] };
      expect(admins).toContain(account.blindedId);
      expect(admins).not.toContain(account.sessionId);
    },
  );

  it.each(['positive', 'negative'] as const)(
    'a 05 id means the blinded user who was here before: of %s sign',
    async (sign) => {
      const account = accountOfSign(sign);
      await get('/capabilities', account);
      await good(server.plaza, 'moderator', 'add', account.sessionId, '--global', '--admin');
      const shown = await answer('/room/lobby', ({ admin }) => admin === true, account);
      expect(shown).toMatchObject({ admin: true, global_admin: true });
      const listed = (await moderatorsOf(server.plaza)).map(({ sessionId }) => sessionId);
      expect(listed).toContain(account.blindedId);
      expect(listed).not.toContain(account.sessionId);
      await good(server.plaza, 'moderator', 'remove', account.sessionId, '--global');
      await answer('/room/lobby', ({ admin }) => admin === undefined, account);
    },
  );

  it('a 15 id, in upper case too, is appointed in several rooms at once', async () => {
    const account = newAccount(server);
    for (const token of ['ma', 'mb']) await good(server.plaza, 'room', 'create', token, '--name', token);
    const id = account.blindedId.toUpperCase();
    await good(server.plaza, 'moderator', 'add', id, '--room', 'ma', '--room', 'MB', '--hidden');
    const listed = (await moderatorsOf(server.plaza)).filter(
      ({ sessionId }) => sessionId === account.blindedId,
    );
    expect(listed.sort((a, b) => (a.room! < b.room! ? -1 : 1))).toEqual([
      { sessionId: account.blindedId, room: 'ma', role: 'moderator', visible: false },
      { sessionId: account.blindedId, room: 'mb', role: 'moderator', visible: false },
    ]);
    const shown = await answer('/room/ma', ({ moderator }) => moderator === true, account);
    expect(shown.hidden_moderators).toEqual([account.blindedId]);
    expect((await get('/room/ma')).json.moderators).toEqual([]);
    await good(server.plaza, 'moderator', 'remove', id, '--room', 'ma');
    await answer('/room/ma', ({ moderator }) => moderator === undefined, account);
    expect((await get('/room/mb', account)).json.moderator).toBe(true);
  });

  it('an admin who is appointed a moderator stays one, which is said', async () => {
    const { blindedId } = newAccount(server);
    const [given] = JSON.parse(
      await good(server.plaza, 'moderator', 'add', blindedId, '--global', '--admin', '--json'),
    ) as object[];
    expect(given).toEqual({ sessionId: blindedId, room: null, was: null, role: 'admin', visible: false });
    expect(await good(server.plaza, 'moderator', 'add', blindedId, '--global')).toMatch(
      /stays an admin .*plaza user set-role/,
    );
  });

  it('removing somebody who has no role says so, and makes nobody known', async () => {
    const { blindedId } = newAccount(server);
    const said = await good(server.plaza, 'moderator', 'remove', blindedId, '--room', 'lobby');
    expect(said).toBe(`${blindedId} had no role in "lobby".\n`);
    expect(await bad(server.plaza, 'user', 'show', blindedId)).toContain('never here');
  });

  it('a global one is hidden unless said otherwise', async () => {
    const account = newAccount(server);
    const isListed = async (): Promise<boolean> =>
      (await get('/room/lobby')).json.moderators.includes(account.blindedId) as boolean;
    await good(server.plaza, 'moderator', 'add', account.blindedId, '--global');
    expect(await isListed()).toBe(false);
    await good(server.plaza, 'moderator', 'add', account.blindedId, '--global', '--visible');
    await until(isListed);
  });

  it('are refused without a place, in no room, or with no id', async () => {
    const { blindedId } = newAccount(server);
    const wrong = (...args: string[]) => server.plaza('moderator', 'add', ...args);
    expect(await wrong(blindedId)).toMatchObject({ code: 2, stderr: expect.stringContaining('--global') });
    expect(await bad(server.plaza, 'moderator', 'add', blindedId, '--room', 'nowhere')).toBeTruthy();
    const noId = { code: 2, stderr: expect.stringContaining('66 hex digits') };
    expect(await wrong('05abc', '--global')).toMatchObject(noId);
    expect(await wrong(`00${blindedId.slice(2)}`, '--global')).toMatchObject(noId);
    expect((await moderatorsOf(server.plaza)).map(({ sessionId }) => sessionId)).not.toContain(blindedId);
  });
});

describe('with the server stopped', () => {
  let dataDir: string;
  const run: Run = (...args) => plazaCommand({ dataDir }, ...args);
  beforeAll(async () => {
    const other = await startPlaza();
    await other.stop();
    dataDir = other.dataDir;
  });

  it('every command works, and the server finds what it did', async () => {
    const { sessionId } = newAccount(server);
    await good(run, 'key', 'show');
    await good(run, 'room', 'create', 'fish', '--name', 'Fish');
    await good(run, 'room', 'set', 'fish', '--name', 'Fishing');
    await good(run, 'room', 'show', 'fish');
    await good(run, 'moderator', 'add', sessionId, '--room', 'fish', '--admin');
    await good(run, 'moderator', 'add', sessionId, '--global');
    await good(run, 'moderator', 'remove', sessionId, '--global');
    await good(run, 'room', 'delete', 'lobby', '--yes');
    expect((await moderatorsOf(run)).map(({ room, role }) => [room, role])).toEqual([['fish', 'admin']]);
    const again = await startPlaza({ dataDir });
    const { json } = await call(again, undefined, 'GET', '/rooms');
    expect(json).toEqual([expect.objectContaining({ token: 'fish', name: 'Fishing', admins: [sessionId] })]);
    await again.stop();
  });

  it('two commands at once both succeed', async () => {
    await Promise.all(['one', 'two'].map((token) => good(run, 'room', 'create', token, '--name', token)));
    const tokens = (await roomsOf(run)).map(({ token }) => token);
    expect(tokens).toEqual(expect.arrayContaining(['one', 'two']));
  });

  it('a command that comes while the server starts waits for it', async () => {
    const starting = startPlaza({ dataDir });
    while (!existsSync(join(dataDir, 'plaza.lock'))) await delay(5);
    await good(run, 'room', 'create', 'early', '--name', 'Early');
    const started = await starting;
    expect((await call(started, undefined, 'GET', '/room/early')).status).toBe(200);
    await started.stop();
  });

  it('before the first start, room create makes the installation; key show says what is missing', async () => {
    const fresh = freshFolder();
    const there: Run = (...args) => plazaCommand({ dataDir: fresh }, ...args);
    expect(await bad(there, 'key', 'show')).toContain('made when the server first starts');
    const made = await there('room', 'create', 'fish', '--name', 'Fish');
    expect(made).toMatchObject({ code: 0, stderr: `A new community begins in ${fresh}.\n` });
    const link = made.stdout;
    const started = await startPlaza({ dataDir: fresh });
    expect(link).toContain(started.publicKey.toString('hex'));
    expect(started.stdout()).toContain('/fish?public_key=');
    await started.stop();
  });
});

describe('plaza export room', () => {
  it('replaces no archive unless it is told to, and import takes what it wrote', async () => {
    const folder = freshFolder();
    expect(await good(server.plaza, 'export', 'room', 'lobby', '--to', folder)).toContain(folder);
    expect(await bad(server.plaza, 'export', 'room', 'lobby', '--to', folder)).toContain('--yes');
    await good(server.plaza, 'export', 'room', 'lobby', '--to', folder, '--yes');
    const elsewhere = freshFolder();
    await plazaCommand({ dataDir: elsewhere }, 'room', 'create', 'other', '--name', 'Other');
    const there: Run = (...args) => plazaCommand({ dataDir: elsewhere }, ...args);
    await good(there, 'import', 'room', folder);
    expect((await roomsOf(there)).map(({ token }) => token).toSorted()).toEqual(['lobby', 'other']);
  });
});

describe('where no community is', () => {
  it.each([
    ['room', 'list'],
    ['moderator', 'add', `05${'1'.repeat(64)}`, '--global'],
    ['ban', 'add', `05${'1'.repeat(64)}`, '--global'],
    ['migrate'],
    ['backup', 'x.plaza-backup'],
    ['export', 'room', 'fish'],
  ])('plaza %s %s says where it looked, and makes nothing', async (...args) => {
    const dataDir = freshFolder();
    const said = await bad((...words) => plazaCommand({ dataDir }, ...words), ...args);
    expect(said).toContain(`There is no community in ${dataDir} yet.`);
    expect(said).toMatch(/DATA_DIR.*DATABASE_URL.*\.env/);
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('the program', () => {
  const COMMANDS = [
    [],
    ['key', 'show'],
    ['room', 'create'],
    ['room', 'list'],
    ['room', 'show'],
    ['room', 'set'],
    ['room', 'delete'],
    ['moderator', 'add'],
    ['moderator', 'remove'],
    ['moderator', 'list'],
  ];

  it.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    'explains itself with an example: plaza %s --help',
    async (_, words) =>
      expect(await good(server.plaza, ...words, '--help')).toMatch(/Examples?:\n {2}plaza /),
  );

  it.each([
    ['nothing to do', []],
    ['an unknown command', ['rom', 'list']],
    ['an unknown command of a noun', ['room', 'lst']],
    ['an unknown option', ['room', 'list', '--jsn']],
    ['a missing argument', ['room', 'show']],
    ['a missing option', ['room', 'create', 'x']],
    ['one argument too many', ['room', 'show', 'a', 'b']],
    ['options that contradict each other', ['moderator', 'add', 'x', '--global', '--room', 'lobby']],
    ['--visible with --hidden', ['moderator', 'add', 'x', '--global', '--visible', '--hidden']],
  ])('exits 2 and does nothing for %s', async (_, args) => {
    const { code, stdout, stderr } = await server.plaza(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/help|Usage/);
    expect(stderr).not.toMatch(/\n\s+at .+:\d+/);
  });

  it('names all wrong settings at once and exits 1', async () => {
    const env = { PORT: 'eighty', LOG_LEVEL: 'loud' };
    const { code, stderr } = await plazaCommand({ dataDir: freshFolder(), env }, 'room', 'list');
    expect({ code, stack: /\n\s+at /.test(stderr) }).toEqual({ code: 1, stack: false });
    expect(stderr).toMatch(/PORT[^]*LOG_LEVEL/);
  });

  it('runs as npx plaza in the project folder, and builds nothing anew below a server that runs', async () => {
    const built = (): number => statSync(join(PROJECT, 'dist', 'apps', 'api', 'src', 'main.js')).mtimeMs;
    const before = built();
    // A home in which npx was never used.
    const env = { HOME: freshFolder(), npm_config_update_notifier: 'false' };
    const options = { dataDir: server.dataDir, cwd: PROJECT, env };
    const { code, stdout } = await runProgram('npx', ['plaza', 'room', 'list', '--json'], options);
    expect(code).toBe(0);
    expect(built()).toBe(before);
    expect((JSON.parse(stdout) as Room[]).map(({ token }) => token)).toContain('lobby');
  });

  it('runs through a symbolic link, and a link to that', async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    symlinkSync(join(PROJECT, 'bin', 'plaza'), join(folder, 'absolute'));
    symlinkSync('absolute', join(folder, 'relative'));
    for (const name of ['absolute', 'relative']) {
      const { code, stdout } = await runProgram(join(folder, name), ['key', 'show'], server);
      expect({ code, shown: stdout.includes(server.publicKey.toString('hex')) }).toEqual({
        code: 0,
        shown: true,
      });
    }
  });
});
