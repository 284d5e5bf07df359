import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DataFolderInUseError,
  DataFolderLock,
  makeDataFolder,
  readRunFile,
  removeRunFile,
  writeRunFile,
} from '../../libs/storage/data-folder.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';
import { LockTaker } from '../support/scratch-lock-taker.js';
import { until } from '../support/until.js';

const TAKERS = 6;
const ROUNDS = 100;
const NO_PID = 2 ** 22 + 1; // beyond what Linux gives out

jest.setTimeout(180_000);
let folder: string;
const held: DataFolderLock[] = [];
const takers: LockTaker[] = [];
beforeEach(async () => {
  folder = await scratchFolder();
});
afterEach(async () => {
  for (const lock of held.splice(0)) lock.release();
  await Promise.all(takers.splice(0).map((taker) => taker.kill()));
  await removeFolder(folder);
});

async function acquire(): Promise<DataFolderLock> {
  const lock = await DataFolderLock.acquire(folder);
  held.push(lock);
  return lock;
}

async function otherProcess(): Promise<LockTaker> {
  const taker = await LockTaker.start();
  takers.push(taker);
  return taker;
}

const lockFile = (of = folder): string => join(of, 'plaza.lock');
const leave = (holder: object, of = folder): void => writeFileSync(lockFile(of), JSON.stringify(holder));
const holder = (): { pid: number; started: string; host: string } =>
  JSON.parse(readFileSync(lockFile(), 'utf8')) as { pid: number; started: string; host: string };
const DEAD = { pid: NO_PID, started: '1', host: hostname() };

describe('a data folder', () => {
  it('is used by one process at a time; a second is told by whom', async () => {
    const other = await otherProcess();
    expect(await other.take(folder)).toBe('taken');
    const refused = acquire();
    await expect(refused).rejects.toThrow(DataFolderInUseError);
    await expect(refused).rejects.toThrow(`process ${other.child.pid} on ${hostname()}`);
  });

  it('is used once within a process too', async () => {
    await acquire();
    await expect(acquire()).rejects.toThrow(DataFolderInUseError);
  });

  it('is free again once it is released', async () => {
    (await acquire()).release();
    expect(await (await otherProcess()).take(folder)).toBe('taken');
  });

  it('is free again once its user was killed', async () => {
    const other = await otherProcess();
    await other.take(folder);
    await other.kill();
    await acquire();
    expect(holder().pid).toBe(process.pid);
  });

  it.each([
    ['of a process that is gone', () => leave(DEAD)],
    ['of a process whose id was given to another', () => leave({ ...DEAD, pid: process.pid })],
    ['that cannot be read', () => writeFileSync(lockFile(), '{"pid": 1')],
    [
      'of another host that was silent for a minute',
      () => {
        leave({ ...DEAD, host: 'elsewhere' });
        const past = new Date(Date.now() - 61_000);
        utimesSync(lockFile(), past, past);
      },
    ],
  ])('with a lock %s is free', async (_, prepare) => {
    prepare();
    await acquire();
    expect(holder()).toMatchObject({ pid: process.pid, host: hostname() });
    expect(readdirSync(folder)).toEqual(['plaza.lock']);
  });

  it('with a fresh lock of another host is in use', async () => {
    leave({ ...DEAD, host: 'elsewhere' });
    await expect(acquire()).rejects.toThrow('on elsewhere');
  });

  it('with a stale lock is free also when whoever was replacing it died over that', async () => {
    leave(DEAD);
    writeFileSync(`${lockFile()}.${DEAD.pid}-${DEAD.started}`, JSON.stringify({ ...DEAD, started: '2' }));
    await acquire();
    expect(holder().pid).toBe(process.pid);
    expect(readdirSync(folder)).toEqual(['plaza.lock']);
  });

  it('that another host took over meanwhile is left to it', async () => {
    const lock = await DataFolderLock.acquire(folder, 5);
    leave({ ...holder(), host: 'elsewhere' });
    // A heartbeat that was under way may still come, once.
    await until(async () => {
      utimesSync(lockFile(), 1, 1);
      await delay(50);
      return statSync(lockFile()).mtimeMs === 1000;
    });
    lock.release();
    expect({ host: holder().host, touched: statSync(lockFile()).mtimeMs }).toEqual({
      host: 'elsewhere',
      touched: 1000,
    });
  });

  it('that is not there is an error, not a wait', async () => {
    await expect(DataFolderLock.acquire(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('with a stale lock goes to exactly one of several that take it at once', async () => {
    const all = await Promise.all(Array.from({ length: TAKERS }, otherProcess));
    for (let round = 0; round < ROUNDS; round++) {
      const contested = join(folder, `round-${round}`);
      mkdirSync(contested);
      leave(DEAD, contested);
      const outcomes = await Promise.all(all.map((taker) => taker.take(contested)));
      expect(outcomes.sort()).toEqual([...Array<string>(TAKERS - 1).fill('DataFolderInUseError'), 'taken']);
    }
  });

  it('goes to exactly one of several calls in one process', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: TAKERS }, acquire));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(acquire()).rejects.toThrow(DataFolderInUseError);
  });

  it('is made so that others cannot look into it', async () => {
    const made = join(folder, 'a', 'data');
    await makeDataFolder(made);
    expect(statSync(made).mode & 0o066).toBe(0);
    await makeDataFolder(made); // again
  });
});

describe('the run file', () => {
  const server = { pid: process.pid, databaseUrl: 'postgresql://plaza:secret@localhost/plaza' };

  it('tells how to reach the database, and only its owner can read it', async () => {
    await writeRunFile(folder, server);
    expect(await readRunFile(folder)).toEqual(server);
    expect(statSync(join(folder, 'run.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['run.json']);
  });

  it('is gone once removed, and may be removed again', async () => {
    await writeRunFile(folder, server);
    removeRunFile(folder);
    removeRunFile(folder);
    expect(await readRunFile(folder)).toBeUndefined();
  });

  it('of a server that is gone tells nothing', async () => {
    await writeRunFile(folder, { ...server, pid: NO_PID });
    expect(await readRunFile(folder)).toBeUndefined();
  });

  it('that is no JSON tells nothing', async () => {
    writeFileSync(join(folder, 'run.json'), '{');
    expect(await readRunFile(folder)).toBeUndefined();
  });
});
