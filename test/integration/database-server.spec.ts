import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataFolderInUseError, readRunFile } from '../../libs/storage/data-folder.js';
import {
  reachDatabaseServer,
  startDatabaseServer,
  type DatabaseServer,
} from '../../libs/storage/database-server.js';
import { ScratchClusters } from '../support/scratch-cluster.js';
import { connect } from '../support/scratch-database.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

let clusters: ScratchClusters;
let dataDir: string;
const messages: string[] = [];
const log = { warn: (text: string) => messages.push(text), error: (text: string) => messages.push(text) };
const running: DatabaseServer[] = [];
beforeAll(async () => {
  clusters = await ScratchClusters.prepare();
});
afterAll(() => clusters.remove());
let made = 0;
beforeEach(async () => {
  messages.length = 0;
  dataDir = await clusters.dataFolder(`data-${++made}`);
});
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
});

const keep = async (server: Promise<DatabaseServer>): Promise<DatabaseServer> => {
  running.push(await server);
  return server;
};
const start = () => keep(startDatabaseServer({ dataDir, databaseUrl: undefined }, log));
const reach = () => keep(reachDatabaseServer({ dataDir, databaseUrl: undefined }));
const query = async (url: string, sql: string) => {
  const client = await connect(url);
  return (await client.query(sql).finally(() => client.end())).rows as unknown[];
};

describe('a server without DATABASE_URL', () => {
  it('has its data folder for itself, and tells commands how to reach the database', async () => {
    const server = await start();
    expect(server.kind).toBe('embedded');
    expect(await readRunFile(dataDir)).toEqual({ pid: process.pid, databaseUrl: server.url });
    expect(statSync(join(dataDir, 'run.json')).mode & 0o777).toBe(0o600);
    await expect(start()).rejects.toThrow(DataFolderInUseError);
  });

  it('leaves neither lock nor run file behind when it stops', async () => {
    const server = await start();
    await server.stop();
    expect(['plaza.lock', 'run.json'].filter((name) => existsSync(join(dataDir, name)))).toEqual([]);
    await expect(connect(server.url)).rejects.toThrow('ENOENT');
  });

  it('starts its database again when that was killed', async () => {
    const server = await start();
    await query(server.url, 'CREATE TABLE kept AS SELECT 1 AS id');
    const [row] = (await query(
      server.url,
      `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`,
    )) as {
      pid: number;
    }[];
    process.kill(row!.pid, 'SIGKILL');
    let found: unknown[] = [];
    await until(async () => {
      await delay(200);
      found = await query(server.url, 'SELECT id FROM kept').catch(() => []);
      return found.length > 0;
    });
    expect(found).toEqual([{ id: 1 }]);
    expect(messages).toContain('the embedded database is gone; starting it again');
  });

  it('that cannot start its database lets go of the folder', async () => {
    const refused = startDatabaseServer({ dataDir: join(dataDir, 'postgres'), databaseUrl: undefined }, log);
    const first = await refused.catch((error: unknown) => error);
    if (!(first instanceof Error)) await (first as DatabaseServer).stop();
    expect(existsSync(join(dataDir, 'postgres', 'plaza.lock'))).toBe(false);
  });
});

describe('a command without DATABASE_URL', () => {
  it('uses the database of the running server, and leaves it running', async () => {
    const server = await start();
    const reached = await reach();
    expect(reached).toMatchObject({ kind: 'running', url: server.url });
    await reached.stop();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('starts the database for itself when no server runs, and stops it', async () => {
    const reached = await reach();
    expect(reached.kind).toBe('embedded');
    expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
    await reached.stop();
    await expect(connect(reached.url)).rejects.toThrow('ENOENT');
  });

  it('waits for another command that is just using the folder', async () => {
    const first = await reach();
    const second = reach();
    await delay(400);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS id');
    await first.stop();
    expect(await query((await second).url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });
});

describe('with DATABASE_URL', () => {
  it('nothing is started, and nothing is stopped', async () => {
    const folder = await scratchFolder();
    const location = { dataDir: join(folder, 'data'), databaseUrl: 'postgresql://elsewhere/plaza' };
    expect(await keep(reachDatabaseServer(location))).toMatchObject({
      kind: 'external',
      url: location.databaseUrl,
    });
    expect(existsSync(location.dataDir)).toBe(false);
    expect(await keep(startDatabaseServer(location, log))).toMatchObject({
      kind: 'external',
      url: location.databaseUrl,
    });
    expect(existsSync(join(location.dataDir, 'postgres'))).toBe(false);
    await removeFolder(folder);
  });
});
