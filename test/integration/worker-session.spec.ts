import { setTimeout as delay } from 'node:timers/promises';
import { Database, statement } from '../../libs/storage/database.js';
import { StorageUnavailableError } from '../../libs/storage/storage-errors.js';
import { isWorkerThere, WorkerSession } from '../../libs/storage/worker-session.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';

const TASK = 7;

let scratch: ScratchDatabase;
let databases: Database[];
let sessions: WorkerSession[];
beforeEach(async () => {
  scratch = await scratchDatabase();
  databases = [];
  sessions = [];
});
afterEach(async () => {
  for (const session of sessions) session.close();
  for (const database of databases) await database.close();
  await scratch.drop();
});

function open(): { database: Database; session: WorkerSession } {
  const database = new Database({ url: scratch.url, poolSize: 2, applicationName: 'plaza test' });
  const session = new WorkerSession(database);
  databases.push(database);
  sessions.push(session);
  return { database, session };
}

/** As a restart of PostgreSQL does, or `kill -9` of the worker. */
async function breakConnections(): Promise<void> {
  const client = await connect(scratch.url);
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await client.end();
}

it('shows that a worker is there, for as long as it is', async () => {
  const { database } = open();
  expect(await isWorkerThere(database)).toBe(false);
  const first = open().session;
  const second = open().session;
  await first.keep();
  await second.keep();
  expect(await isWorkerThere(database)).toBe(true);
  first.close();
  expect(await isWorkerThere(database)).toBe(true);
  second.close();
  while (await isWorkerThere(database)) await delay(5); // PostgreSQL notices
});

it('a worker of another database does not count', async () => {
  const other = await scratchDatabase();
  await open().session.keep();
  const database = new Database({ url: other.url, poolSize: 1, applicationName: 'plaza test' });
  expect(await isWorkerThere(database)).toBe(false);
  await database.close();
  await other.drop();
});

it('one that does not stay is not seen, but does things alone like any other', async () => {
  const { database } = open();
  const passing = new WorkerSession(database, { isSeen: false });
  sessions.push(passing);
  await passing.alone(TASK, async () => {
    expect(await isWorkerThere(database)).toBe(false);
    expect(await open().session.alone(TASK, () => Promise.resolve('both'))).toBeUndefined();
  });
});

describe('a task of which there is only one', () => {
  it('is left by whoever comes while it is under way, in whatever process', async () => {
    const [first, second] = [open().session, open().session];
    const calls: string[] = [];
    const outcome = await first.alone(TASK, async () => {
      calls.push('first');
      expect(await second.alone(TASK, () => Promise.resolve(calls.push('second')))).toBeUndefined();
      expect(await first.alone(TASK, () => Promise.resolve(calls.push('again')))).toBeUndefined();
      return 'done';
    });
    expect({ outcome, calls }).toEqual({ outcome: 'done', calls: ['first'] });
    expect(await second.alone(TASK, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('keeps out no other task', async () => {
    const [first, second] = [open().session, open().session];
    const inner = await first.alone(TASK, () => second.alone(TASK + 1, () => Promise.resolve('other')));
    expect(inner).toBe('other');
  });

  it('is free again after it failed', async () => {
    const [first, second] = [open().session, open().session];
    await expect(first.alone(TASK, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await second.alone(TASK, () => Promise.resolve('yes'))).toBe('yes');
  });

  it('is free again when its worker died', async () => {
    const [first, second] = [open().session, open().session];
    let die = (): void => undefined;
    let endless: Promise<void | undefined> = Promise.resolve();
    await new Promise<void>((entered) => {
      endless = first.alone(TASK, () => {
        entered();
        return new Promise<void>((resolve) => (die = resolve));
      });
    });
    expect(await second.alone(TASK, () => Promise.resolve('free'))).toBeUndefined();
    await breakConnections();
    while ((await second.alone(TASK, () => Promise.resolve('free')).catch(() => undefined)) !== 'free')
      await delay(5);
    die();
    await endless;
  });
});

it('a session that broke is opened again', async () => {
  const { database, session } = open();
  await session.keep();
  await breakConnections();
  for (let opened = false; !opened; await delay(5))
    opened = await session.keep().then(
      () => true,
      () => false,
    );
  expect(await isWorkerThere(database)).toBe(true);
});

it('a session whose server does not answer any more is given up, and opened again', async () => {
  const { database, session } = open();
  await session.keep();
  const pid = (
    await database.query<{ pid: number }>(
      statement(
        'test.idle-backend',
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT 1'`,
      ),
    )
  )[0]!.pid;
  process.kill(pid, 'SIGSTOP'); // as a machine that is cut off
  try {
    await expect(session.keep()).rejects.toThrow(StorageUnavailableError);
    await session.keep();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

it('without a database says so', async () => {
  const url = new URL(scratch.url);
  url.searchParams.set('host', '/nowhere');
  const database = new Database({ url: url.href, poolSize: 1, applicationName: 'plaza test' });
  await expect(new WorkerSession(database).keep()).rejects.toThrow(StorageUnavailableError);
  await database.close();
});

it('that is closed is not opened again', async () => {
  const { database, session } = open();
  session.close();
  await expect(session.keep()).rejects.toThrow(StorageUnavailableError);
  expect(await isWorkerThere(database)).toBe(false);
});
