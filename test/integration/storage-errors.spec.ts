import { setTimeout as delay } from 'node:timers/promises';
import { Database, statement, type Transaction } from '../../libs/storage/database.js';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { ServerLock, type ServerLockMode } from '../../libs/storage/server-lock.js';
import { StorageUnavailableError, violatesUnique } from '../../libs/storage/storage-errors.js';
import { ScratchClusters } from '../support/scratch-cluster.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';
import { until } from '../support/until.js';

const ONE = statement('test.one', 'SELECT 1 AS one');
const PID = statement('test.pid', 'SELECT pg_backend_pid() AS pid');
const SLEEP = statement('test.sleep', 'SELECT pg_sleep(30)');
/** A statement may take longer, and so may four connections that cannot be made. */
const A_FEW_SECONDS_MS = 15_000;
const GONE_TIMEOUT_MS = 20_000;

const open: Database[] = [];
const openDatabase = (url: string, over: { poolSize?: number; onConnectionLost?: () => void } = {}) => {
  const database = new Database({ url, poolSize: 4, applicationName: 'plaza test', ...over });
  open.push(database);
  return database;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});

const pid = async (tx: Transaction) => (await tx.query<{ pid: number }>(PID))[0]!.pid;
const one = async (database: Database) => expect(await database.query(ONE)).toEqual([{ one: 1 }]);

/** Ends a connection, from outside, and waits until it is gone. */
async function terminate(url: string, backend: number, timeoutMs = GONE_TIMEOUT_MS): Promise<void> {
  const client = await connect(url);
  const end = 'SELECT pg_terminate_backend($1, $2)';
  await client.query(end, [backend, timeoutMs]).finally(() => client.end());
}

describe('a database server that goes away', () => {
  jest.setTimeout(180_000);
  let clusters: ScratchClusters;
  let postgres: EmbeddedPostgres;
  beforeAll(async () => {
    clusters = await ScratchClusters.prepare();
  });
  afterAll(() => clusters.remove());
  let made = 0;
  beforeEach(async () => {
    postgres = await clusters.start(await clusters.dataFolder(`data-${++made}`));
  });
  afterEach(() => clusters.stopAll());

  it('is told within seconds, to queries and transactions, until it is back', async () => {
    let lost = 0;
    const database = openDatabase(postgres.url, { onConnectionLost: () => (lost += 1) });
    await one(database);
    await postgres.stop();
    const start = Date.now();
    await expect(database.query(ONE)).rejects.toThrow(StorageUnavailableError);
    await expect(database.transaction((tx) => tx.query(ONE))).rejects.toThrow(StorageUnavailableError);
    await expect(database.dedicatedClient()).rejects.toThrow(StorageUnavailableError);
    await expect(database.typed((prisma) => prisma.room.findMany())).rejects.toThrow(StorageUnavailableError);
    expect(Date.now() - start).toBeLessThan(A_FEW_SECONDS_MS);
    expect(lost).toBeGreaterThan(0);
    await postgres.restart();
    await one(database);
  });

  it.each(['stopped', 'killed'])('is told to what was under way when it is %s', async (how) => {
    const database = openDatabase(postgres.url);
    const query = database.query(SLEEP).catch((error: unknown) => error);
    const transaction = database.transaction((tx) => tx.query(SLEEP)).catch((error: unknown) => error);
    let goOn = (): void => undefined;
    const gone = new Promise<void>((resolve) => (goOn = resolve));
    const idle = database
      .transaction(async (tx) => {
        await tx.query(ONE);
        await gone;
        for (;;) await tx.query(ONE); // a server process may outlive the kill for a moment
      })
      .catch((error: unknown) => error);
    await delay(200);
    if (how === 'killed') process.kill((await postgres.pid())!, 'SIGKILL');
    else await postgres.stop();
    goOn();
    const start = Date.now();
    for (const outcome of await Promise.all([query, transaction, idle]))
      expect(outcome).toBeInstanceOf(StorageUnavailableError);
    expect(Date.now() - start).toBeLessThan(A_FEW_SECONDS_MS);
    await postgres.restart();
    await one(database);
  });
});

describe('the database', () => {
  let scratch: ScratchDatabase;
  beforeEach(async () => {
    scratch = await scratchDatabase();
  });
  afterEach(() => scratch.drop());

  /** A table of two counters. */
  async function counters(database: Database): Promise<void> {
    await database.query(
      statement('test.make-counters', 'CREATE TABLE counters (id int PRIMARY KEY, value int)'),
    );
    await database.query(statement('test.fill-counters', 'INSERT INTO counters VALUES (1, 0), (2, 0)'));
  }
  const ADD = statement('test.add', 'UPDATE counters SET value = value + 1 WHERE id = $1');
  const VALUES = statement('test.values', 'SELECT value FROM counters ORDER BY id');
  const FAIL = statement(
    'test.fail',
    `DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$`,
  );

  it('goes on with other connections when one breaks in the middle of a transaction', async () => {
    const database = openDatabase(scratch.url, { poolSize: 1 });
    await counters(database);
    const broken = database.transaction(async (tx) => {
      await tx.query(ADD, [1]);
      await terminate(scratch.url, await pid(tx));
      await delay(50);
      await tx.query(ADD, [2]);
    });
    await expect(broken).rejects.toThrow(StorageUnavailableError);
    expect(await database.query(VALUES)).toEqual([{ value: 0 }, { value: 0 }]);
  });

  it('runs both of two transactions that block each other', async () => {
    const database = openDatabase(scratch.url);
    await counters(database);
    let attempts = 0;
    const inOrder = (first: number, second: number) =>
      database.transaction(async (tx) => {
        attempts += 1;
        await tx.query(ADD, [first]);
        await delay(100);
        await tx.query(ADD, [second]);
      });
    await Promise.all([inOrder(1, 2), inOrder(2, 1)]);
    // One more than two, and more where a busy machine keeps the one that was let through from its row.
    expect(attempts).toBeGreaterThan(2);
    expect(await database.query(VALUES)).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it('gives up a transaction that meets a conflict three times', async () => {
    const database = openDatabase(scratch.url);
    let attempts = 0;
    const hopeless = database.transaction((tx) => {
      attempts += 1;
      return tx.query(FAIL);
    });
    await expect(hopeless).rejects.toMatchObject({ code: '40001' });
    expect(attempts).toBe(3);
  });

  it('undoes a transaction whose work fails, does not repeat it, and passes the error on as it is', async () => {
    const database = openDatabase(scratch.url, { poolSize: 1 });
    await counters(database);
    const reason = new Error('changed my mind');
    let attempts = 0;
    const failing = database.transaction(async (tx) => {
      attempts += 1;
      await tx.query(ADD, [1]);
      throw reason;
    });
    await expect(failing).rejects.toBe(reason);
    expect(attempts).toBe(1);
    expect(await database.query(VALUES)).toEqual([{ value: 0 }, { value: 0 }]);
  });

  it('reads int8 as a number up to 2^53 − 1 and throws beyond, without harm to the connection', async () => {
    const database = openDatabase(scratch.url, { poolSize: 1 });
    const INT8 = statement('test.int8', 'SELECT $1::int8 AS value, $1::int8 - 1 AS less');
    const most = Number.MAX_SAFE_INTEGER;
    expect(await database.query(INT8, [most])).toEqual([{ value: most, less: most - 1 }]);
    expect(await database.query(INT8, [-most + 1])).toEqual([{ value: -most + 1, less: -most }]);
    await expect(database.query(INT8, ['9007199254740992'])).rejects.toThrow(RangeError);
    await expect(database.query(INT8, ['-9223372036854775807'])).rejects.toThrow(RangeError);
    await one(database);
  });

  it('reads bytea as Buffer, float8 exactly, and null as null', async () => {
    const database = openDatabase(scratch.url);
    const MIXED = statement(
      'test.mixed',
      'SELECT $1::bytea AS bytes, $2::float8 AS time, $3::int8 AS nothing',
    );
    const bytes = Buffer.from([0, 255, 92, 10]);
    expect(await database.query(MIXED, [bytes, 1_700_000_000.123457, null])).toEqual([
      { bytes, time: 1_700_000_000.123457, nothing: null },
    ]);
  });

  it('tells one unique constraint from another and from other errors', async () => {
    const database = openDatabase(scratch.url);
    await counters(database);
    const INSERT = statement('test.insert', 'INSERT INTO counters VALUES ($1, 0)');
    const error = await database.query(INSERT, [1]).catch((each: unknown) => each);
    expect(violatesUnique(error, 'counters_pkey')).toBe(true);
    expect(violatesUnique(error, 'other_key')).toBe(false);
    expect(violatesUnique(new Error('counters_pkey'), 'counters_pkey')).toBe(false);
    expect(violatesUnique(undefined, 'counters_pkey')).toBe(false);
  });

  describe('has one server at a time', () => {
    const acquire = (onLost: (reason: string) => void = () => undefined, mode: ServerLockMode = 'alone') =>
      ServerLock.acquire(openDatabase(scratch.url), mode, onLost);
    /** When PostgreSQL has noticed that whoever had it is gone. */
    const acquireSoon = async (): Promise<ServerLock> => {
      const database = openDatabase(scratch.url);
      let lock: ServerLock | undefined;
      await until(async () => (lock = await ServerLock.acquire(database, 'alone', () => undefined)));
      return lock!;
    };
    const holder = (database = openDatabase(scratch.url)) =>
      database.query<{ pid: number }>(
        statement(
          'test.holder',
          `SELECT pid FROM pg_locks WHERE locktype = 'advisory'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        ),
      );

    it('so a second is refused until the first has gone', async () => {
      const first = await acquire();
      expect(first).toBeDefined();
      expect(await acquire()).toBeUndefined();
      first!.release();
      (await acquireSoon()).release();
    });

    it('or several that share it, and none that wants it alone', async () => {
      const shared = [await acquire(undefined, 'shared'), await acquire(undefined, 'shared')];
      expect(shared).not.toContain(undefined);
      expect(await acquire()).toBeUndefined();
      for (const lock of shared) lock!.release();
      const alone = await acquireSoon();
      expect(await acquire(undefined, 'shared')).toBeUndefined();
      alone.release();
    });

    it('who keeps its place when its connection breaks', async () => {
      const reasons: string[] = [];
      const lock = await acquire((reason) => reasons.push(reason));
      const database = openDatabase(scratch.url);
      const [before] = await holder(database);
      await terminate(scratch.url, before!.pid);
      await until(async () => (await holder(database)).some(({ pid }) => pid !== before!.pid));
      expect(reasons).toEqual([]);
      lock!.release();
    });

    it('who may go while the database server is just being stopped', async () => {
      const lock = await acquire();
      const { pid: backend } = (await holder())[0]!;
      process.kill(backend, 'SIGSTOP');
      lock!.release();
      await terminate(scratch.url, backend, 0);
      process.kill(backend, 'SIGCONT'); // answers with an error before it reads the farewell
      (await acquireSoon()).release();
    });

    it('who is told when another was faster meanwhile', async () => {
      const reasons: string[] = [];
      const lock = await acquire((reason) => reasons.push(reason));
      const database = openDatabase(scratch.url);
      let other: ServerLock | undefined;
      await until(async () => {
        for (const { pid } of await holder(database)) await terminate(scratch.url, pid);
        return (other = await acquire()); // unless the machine stood still, and the first was faster
      });
      await until(() => reasons.length > 0);
      expect(reasons).toEqual([expect.stringContaining('another Plaza server')]);
      lock!.release();
      other!.release();
    });
  });
});
