import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { makeDataFolder } from '../../libs/storage/data-folder.js';
import { databaseAccount } from '../../libs/storage/database-account.js';
import { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { EmbeddedPostgresError } from '../../libs/storage/embedded-postgres-error.js';
import { itUnless } from '../support/not-tried.js';
import { ScratchClusters } from '../support/scratch-cluster.js';
import { connect } from '../support/scratch-database.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';
import { until } from '../support/until.js';

const TIMEOUT_MS = 180_000;
jest.setTimeout(TIMEOUT_MS);

let clusters: ScratchClusters;
beforeAll(async () => {
  clusters = await ScratchClusters.prepare();
});
afterEach(() => clusters.stopAll());
afterAll(() => clusters.remove());

const on = async <Result>(
  postgres: EmbeddedPostgres,
  work: (client: Client) => Promise<Result>,
): Promise<Result> => {
  const client = await connect(postgres.url);
  return work(client).finally(() => client.end());
};
const rows = (postgres: EmbeddedPostgres) =>
  on(postgres, async (client) => (await client.query('SELECT id FROM kept ORDER BY id')).rows);
const fill = (postgres: EmbeddedPostgres) =>
  on(postgres, (client) => client.query('CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)'));
const pidOf = async (postgres: EmbeddedPostgres): Promise<number> => (await postgres.pid())!;
const isRoot = process.getuid?.() === 0;

describe('the embedded database', () => {
  it('is made by the first start, also after one that was cut off, and found by the second', async () => {
    const folder = await scratchFolder();
    mkdirSync(join(folder, 'postgres.new', 'base'), { recursive: true });
    const first = await EmbeddedPostgres.start(folder);
    await fill(first);
    await first.stop();
    expect(await first.pid()).toBeUndefined();
    const second = await EmbeddedPostgres.start(folder);
    expect(await rows(second)).toEqual([{ id: 1 }]);
    expect(readdirSync(folder)).not.toContain('postgres.new');
    await second.stop();
    await removeFolder(folder);
  });

  it.each(['by itself', 'by the next server'])(
    'keeps what was committed when it is killed with open connections and started again %s',
    async (how) => {
      const folder = await clusters.dataFolder(`killed-${how.replaceAll(' ', '-')}`);
      let postgres = await clusters.start(folder);
      await fill(postgres);
      const open = await connect(postgres.url);
      await open.query('BEGIN');
      await open.query('INSERT INTO kept VALUES (2)');
      process.kill(await pidOf(postgres), 'SIGKILL');
      if (how === 'by itself') await postgres.restart();
      else postgres = await clusters.start(folder);
      expect(await rows(postgres)).toEqual([{ id: 1 }]);
    },
  );

  it('is stopped and started anew when the server that had it was killed', async () => {
    const folder = await clusters.dataFolder('orphaned');
    const orphan = await clusters.start(folder);
    await fill(orphan);
    const pid = await pidOf(orphan);
    const next = await clusters.start(folder);
    expect(await pidOf(next)).not.toBe(pid);
    expect(isRunning(pid)).toBe(false);
    expect(await rows(next)).toEqual([{ id: 1 }]);
  });

  it.each(['its own account', 'ours'])(
    'starts when its old process id is that of another process of %s',
    async (whose) => {
      const folder = await clusters.dataFolder(`recycled-${whose.replaceAll(' ', '-')}`);
      const account = whose === 'ours' ? undefined : await databaseAccount();
      const other = spawn('sleep', ['60'], { stdio: 'ignore', ...account });
      writeFileSync(
        join(folder, 'postgres', 'postmaster.pid'),
        `${other.pid}\n${join(folder, 'postgres')}\n1700000000\n5432\n/nowhere\n\n  123456 1\nready\n`,
      );
      const postgres = await clusters.start(folder);
      expect(await pidOf(postgres)).not.toBe(other.pid);
      expect(other.signalCode).toBeNull();
      expect(await on(postgres, async (client) => (await client.query('SELECT 1 AS one')).rows)).toEqual([
        { one: 1 },
      ]);
      other.kill();
    },
  );

  it.each([
    ['is long', `long-${'x'.repeat(120)}/data`],
    ['has a space and a quote', `it's mine/data`],
  ])('starts in a folder whose path %s', async (_, name) => {
    const folder = await clusters.dataFolder(name);
    const postgres = await clusters.start(folder);
    expect(await pidOf(postgres)).toBeGreaterThan(0);
    await fill(postgres);
    const again = await clusters.start(folder);
    expect(await rows(again)).toEqual([{ id: 1 }]);
  });

  it('leaves no socket folder behind elsewhere', async () => {
    const folder = await clusters.dataFolder(`long-${'y'.repeat(120)}/data`);
    const postgres = await EmbeddedPostgres.start(folder);
    const socketFolder = new URL(postgres.url).searchParams.get('host')!;
    expect(socketFolder.startsWith(folder)).toBe(false);
    await postgres.stop();
    expect(existsSync(socketFolder)).toBe(false);
  });

  it('listens on no network address', async () => {
    const postgres = await clusters.start(await clusters.dataFolder('deaf'));
    const shown = await on(postgres, async (client) => (await client.query('SHOW listen_addresses')).rows);
    expect(shown).toEqual([{ listen_addresses: '' }]);
    if (!existsSync('/proc/net/tcp')) return console.log('Not looked for in /proc: there is none here');
    const sockets = socketsOf(await pidOf(postgres));
    expect(sockets.size).toBeGreaterThan(0);
    expect(tcpSockets().filter((socket) => sockets.has(socket))).toEqual([]);
  });

  it('lets nobody in without its password, which only its owner can read', async () => {
    const folder = await clusters.dataFolder('closed');
    const postgres = await clusters.start(folder);
    expect(statSync(join(folder, 'database-password')).mode & 0o077).toBe(0);
    const url = new URL(postgres.url);
    url.password = 'wrong';
    await expect(connect(url.href)).rejects.toMatchObject({ code: '28P01' });
    await expect(connect(postgres.url))
      .resolves.toMatchObject({})
      .then(() => undefined);
  });

  it('writes no statements and no values of people into its log', async () => {
    const folder = await clusters.dataFolder('discreet');
    const postgres = await clusters.start(folder);
    await on(postgres, async (client) => {
      await client.query('CREATE TABLE people (name text PRIMARY KEY)');
      await client.query('INSERT INTO people VALUES ($1)', ['somebody-private']);
      await expect(client.query('INSERT INTO people VALUES ($1)', ['somebody-private'])).rejects.toThrow(
        'duplicate',
      );
      await expect(client.query(`SELECT 'somebody-private'::int`)).rejects.toThrow('invalid input');
    });
    const logs = join(folder, 'postgres', 'log');
    const text = () =>
      readdirSync(logs)
        .map((name) => readFileSync(join(logs, name), 'utf8'))
        .join('');
    await until(() => /duplicate key[^]*invalid input/.test(text())); // another process writes it
    await postgres.stop();
    expect(
      text()
        .split('\n')
        .filter((line) => /STATEMENT|DETAIL|INSERT/.test(line)),
    ).toEqual([]);
  });

  it('is stopped twice without complaint', async () => {
    const postgres = await clusters.start(await clusters.dataFolder('stopped'));
    await postgres.stop();
    await expect(postgres.stop()).resolves.toBeUndefined();
  });
});

describe('the embedded database is refused', () => {
  it('when another version of PostgreSQL wrote the data', async () => {
    const folder = await clusters.dataFolder('older');
    writeFileSync(join(folder, 'postgres', 'PG_VERSION'), '13\n');
    await expect(clusters.start(folder)).rejects.toThrow(
      /written by PostgreSQL 13, this version of Plaza bundles/,
    );
  });

  it('when it does not start, with what PostgreSQL says', async () => {
    const folder = await clusters.dataFolder('broken');
    writeFileSync(join(folder, 'postgres', 'postgresql.auto.conf'), `shared_buffers = 'a lot'\n`);
    const refused = clusters.start(folder);
    await expect(refused).rejects.toThrow(EmbeddedPostgresError);
    await expect(refused).rejects.toThrow(/does not start[\s\S]*shared_buffers/);
  });

  it('when it stops while it starts, with what PostgreSQL wrote into its log', async () => {
    const folder = await clusters.dataFolder('late');
    writeFileSync(join(folder, 'postgres', 'global', 'pg_control'), 'x');
    await expect(clusters.start(folder)).rejects.toThrow(/does not start[\s\S]*(pg_control|control file)/);
  });

  const obstacle = isRoot ? undefined : 'these tests do not run as root';
  itUnless(obstacle, 'to root in a folder that its account cannot enter', async () => {
    const folder = await clusters.dataFolder('private/data');
    chmodSync(join(folder, '..'), 0o700);
    await expect(clusters.start(folder)).rejects.toThrow(/cannot enter .*private/);
    chmodSync(join(folder, '..'), 0o711);
    await makeDataFolder(folder);
    await expect(clusters.start(folder)).resolves.toBeDefined();
  });
});

/** A zombie does not count: it ended, and only its parent did not look yet. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Inodes of the sockets that a process has. */
function socketsOf(pid: number): Set<string> {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

const tcpSockets = (): string[] =>
  ['/proc/net/tcp', '/proc/net/tcp6', '/proc/net/udp', '/proc/net/udp6']
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/)[9] ?? '');
