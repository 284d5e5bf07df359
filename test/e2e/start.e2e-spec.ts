import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect as connectTo, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endEverything, freshFolder, spawnKept } from '../support/kept-processes.js';
import {
  environmentOf,
  isAlive,
  launchPlaza,
  plazaCommand,
  postmasterPid,
  PROJECT,
  READY,
  refusedStart,
  startPlaza,
  type PlazaProcess,
  waitForText,
} from '../support/plaza-process.js';
import { openConnection } from '../support/raw-http.js';
import { sessionClientReady } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

/** What a running server leaves in its data folder only while it runs. */
const TRACES = ['run.json', 'plaza.lock', join('postgres', 'postmaster.pid')];
const tracesIn = (dataDir: string): string[] =>
  TRACES.filter((name) => statSync(join(dataDir, name), { throwIfNoEntry: false }));

const STACK = /\n\s+at |\.js:\d+/;
/** Refused as an operator can understand it: exit code 1, a text that matches, no stack. */
function expectRefusal({ code, stderr }: { code: number | null; stderr: string }, text: RegExp): void {
  expect(stderr).toMatch(text);
  expect(stderr).not.toMatch(STACK);
  expect(code).toBe(1);
}

describe('the first start', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    server = await startPlaza();
  });
  afterAll(() => server.stop());

  it('prints the join link of the lobby, where the data is, and what to do next', () => {
    const out = server.stdout();
    const key = server.publicKey.toString('hex');
    expect(out).toMatch(
      new RegExp(`Join link:\n  http://[\\d.]+:${server.port}/lobby\\?public_key=${key}\n`),
    );
    expect(out).toContain(`Data: ${server.dataDir} (database, key, files)`);
    expect(out).toContain(`Key:  ${server.dataDir}/key_x25519`);
    expect(out).toContain('npx plaza moderator add YOUR_SESSION_ID --global --admin');
    expect(out).toContain('npx plaza room create TOKEN --name "Name"');
    expect(out).toContain('Ctrl-C');
  });

  it('says nothing on stderr but log lines', () => {
    for (const line of server.stderr().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
  });

  it('makes a key file of 32 raw bytes that its owner alone may read', () => {
    const { mode, size } = statSync(join(server.dataDir, 'key_x25519'));
    expect({ mode: (mode & 0o777).toString(8), size }).toEqual({ mode: '400', size: 32 });
  });

  it('keeps secrets from other accounts of the machine', () => {
    const open = readdirSync(server.dataDir).filter(
      (name) => (statSync(join(server.dataDir, name)).mode & 0o077) !== 0,
    );
    expect(open).toEqual(['plaza.lock']);
  });

  it('prints PUBLIC_URL in the join link', async () => {
    const elsewhere = await startPlaza({ env: { PUBLIC_URL: 'https://chat.example.org' } });
    expect(elsewhere.stdout()).toContain('  https://chat.example.org/lobby?public_key=');
    await elsewhere.stop();
  });
});

describe('a second start', () => {
  it('on the data folder of a running server says so and exits 1', async () => {
    const server = await startPlaza();
    const { dataDir, pid } = server;
    const second = await refusedStart({ dataDir });
    expectRefusal(
      second,
      new RegExp(`The data folder ${dataDir} is in use by another Plaza \\(process ${pid} `),
    );
    expect((await server.stop()).code).toBe(0);
  });

  it('after a stop keeps the key and does not make the lobby again', async () => {
    const first = await startPlaza();
    await first.plaza('room', 'create', 'fish', '--name', 'Fish');
    await first.plaza('room', 'delete', 'lobby', '--yes');
    await first.stop();
    const second = await startPlaza({ dataDir: first.dataDir });
    expect(second.publicKey).toEqual(first.publicKey);
    expect(second.stdout()).toContain('/fish?public_key=');
    expect(second.stdout()).not.toContain('/lobby?public_key=');
    await second.stop();
  });
});

describe('stopping', () => {
  it('by Ctrl-C ends server and database, exits 0 and leaves nothing running', async () => {
    const server = await startPlaza();
    const postmaster = await postmasterPid(server.dataDir);
    expect(await isAlive(postmaster)).toBe(true);
    const { code, stderr } = await server.interrupt();
    expect({ code, traces: tracesIn(server.dataDir) }).toEqual({ code: 0, traces: [] });
    expect(stderr).not.toMatch(STACK);
    expect(await isAlive(postmaster)).toBe(false);
  });

  it('by Ctrl-C works through npm start', async () => {
    const dataDir = freshFolder();
    const npm = spawnKept('npm', ['start'], { cwd: PROJECT, env: environmentOf({ dataDir }) });
    await waitForText(npm, /Plaza is running/);
    const postmaster = await postmasterPid(dataDir);
    process.kill(-npm.pid, 'SIGINT');
    await npm.finished;
    expect(tracesIn(dataDir)).toEqual([]);
    expect(await isAlive(postmaster)).toBe(false);
  });

  it('does not wait for connections over which nothing comes', async () => {
    const server = await startPlaza();
    const silent = connectTo({ host: '127.0.0.1', port: server.port });
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const since = performance.now();
    expect((await server.stop()).code).toBe(0);
    expect(performance.now() - since).toBeLessThan(13_000);
    silent.destroy();
  });

  it('by SIGTERM does the same', async () => {
    const server = await startPlaza();
    expect((await server.stop()).code).toBe(0);
    expect(tracesIn(server.dataDir)).toEqual([]);
  });

  it('by SIGHUP is left alone, with a word about restarting, unless a terminal was closed', async () => {
    const server = await startPlaza();
    process.kill(server.pid, 'SIGHUP');
    await until(() => /SIGHUP changes nothing .*restart it/.test(server.stderr()));
    expect((await fetch(`${server.base}/health/ready`)).status).toBe(200);
    expect((await server.stop()).code).toBe(0);

    if (!existsSync('/usr/bin/script')) return;
    const { dataDir } = server;
    const command = `${process.execPath} ${join(PROJECT, 'dist', 'apps', 'api', 'src', 'main.js')}`;
    const atTerminal = spawnKept('/usr/bin/script', ['-qec', command, '/dev/null'], {
      cwd: PROJECT,
      env: environmentOf({ dataDir }),
    });
    await waitForText(atTerminal, /Plaza is running/);
    const { pid } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGHUP');
    expect((await atTerminal.finished).code).toBe(0);
    expect(tracesIn(dataDir)).toEqual([]);
  });

  it('by Ctrl-C while the database is being made leaves nothing running, and the next start goes well', async () => {
    const dataDir = freshFolder();
    const child = launchPlaza({ dataDir });
    const isBeingMade = (): boolean => existsSync(join(dataDir, 'postgres.new'));
    // Who looks too late finds a server, which ends as well.
    while (!isBeingMade() && !READY.test(child.stdout())) await delay(5);
    process.kill(-child.pid, 'SIGINT');
    const { code, stderr } = await child.finished;
    expect({ code, traces: tracesIn(dataDir) }).toEqual({ code: 0, traces: [] });
    // Between two of PostgreSQL's programs the signal ends none of them: then the start is finished first.
    const told = stderr.split('\n').filter((line) => line !== '');
    for (const line of told) expect(JSON.parse(line)).toMatchObject({ level: 30 });
    const again = await startPlaza({ dataDir });
    expect((await again.stop()).code).toBe(0);
  });

  it('does not wait for clients that keep their connections open', async () => {
    const server = await startPlaza();
    const kept = openConnection(server);
    kept.write('GET /rooms HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(kept, 'data');
    const started = Date.now();
    expect((await server.interrupt()).code).toBe(0);
    // After 25 s it gives up on what does not end, and after 65 s such a connection ends by itself.
    expect(Date.now() - started).toBeLessThan(20_000);
    kept.destroy();
  });
});

describe('a start that cannot be', () => {
  it('names all wrong settings at once', async () => {
    const env = { PORT: 'eighty', LOG_LEVEL: 'loud', REQUIRE_BLINDED_IDS: 'perhaps', FILE_LIFETIME: '-1d' };
    const refused = await refusedStart({ env });
    for (const name of Object.keys(env)) expectRefusal(refused, new RegExp(`\\b${name}\\b.*expected`));
    expect(refused.stderr).toContain('"eighty"');
  });

  it('does not show the password of a wrong DATABASE_URL', async () => {
    const refused = await refusedStart({ env: { DATABASE_URL: 'mysql://plaza:hunter2@localhost/plaza' } });
    expectRefusal(refused, /DATABASE_URL/);
    expect(refused.stderr).not.toContain('hunter2');
  });

  it('names the port when somebody else has it, and stops its database again', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const dataDir = freshFolder();
    expectRefusal(
      await refusedStart({ dataDir, env: { PORT: String(port) } }),
      new RegExp(`in use.*${port}`),
    );
    expect(tracesIn(dataDir)).toEqual([]);
    other.close();
  });

  it('names an address that this machine does not have', async () => {
    expectRefusal(await refusedStart({ env: { HOST: '203.0.113.7' } }), /203\.0\.113\.7/);
  });

  it('names a data folder that cannot be made', async () => {
    const file = freshFolder();
    await writeFile(file, '');
    expectRefusal(await refusedStart({ dataDir: join(file, 'data') }), new RegExp(`${file}`));
  });
});

describe('the key file', () => {
  const KEY = 'key_x25519';
  let dataDir: string;
  let key: Buffer;

  const replace = async (bytes: Buffer, mode = 0o400): Promise<void> => {
    await rm(join(dataDir, KEY), { force: true });
    await writeFile(join(dataDir, KEY), bytes, { mode });
    await chmod(join(dataDir, KEY), mode);
  };

  beforeAll(async () => {
    const server = await startPlaza();
    await server.stop();
    dataDir = server.dataDir;
    key = readFileSync(join(dataDir, KEY));
  });
  beforeEach(() => replace(key));

  it.each([0, 31, 33, 64])('of %i bytes is refused', async (size) => {
    await replace(randomBytes(size));
    expectRefusal(
      await refusedStart({ dataDir }),
      new RegExp(`${KEY} has ${size} bytes; it must be the 32 raw`),
    );
  });

  it('that is missing is not replaced by another when the database has one', async () => {
    await rm(join(dataDir, KEY));
    expectRefusal(await refusedStart({ dataDir }), /key_x25519 is missing.*Restore the file from a backup/);
    expect(readdirSync(dataDir)).not.toContain(KEY);
  });

  it('of another database is refused, by the command too', async () => {
    await replace(randomBytes(32));
    expectRefusal(await refusedStart({ dataDir }), /does not belong to this database/);
    expectRefusal(await plazaCommand({ dataDir }, 'room', 'list'), /does not belong to this database/);
  });

  it('that others may read is refused', async () => {
    await replace(key, 0o644);
    expectRefusal(await refusedStart({ dataDir }), /may be read by others.*chmod 400/);
  });

  it('is taken from KEY_FILE', async () => {
    const folder = freshFolder();
    await mkdir(folder);
    await writeFile(join(folder, 'mine'), key, { mode: 0o400 });
    await rm(join(dataDir, KEY));
    const server = await startPlaza({ dataDir, env: { KEY_FILE: join(folder, 'mine') } });
    expect((await server.stop()).code).toBe(0);
  });
});
