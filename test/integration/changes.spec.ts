import type { Change } from '../../libs/protocol/change.js';
import { Database, statement } from '../../libs/storage/database.js';
import { scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';

const ADD_ROOM = statement(
  'test.add-room',
  `INSERT INTO rooms (token, name, created_at) VALUES ($1, 'A room', 0) RETURNING id`,
);
const COUNT_ROOMS = statement('test.count-rooms', `SELECT count(*) AS count FROM rooms`);
/** The constraint is looked at when everything else is done. */
const REFUSED_AT_COMMIT = statement(
  'test.refused-at-commit',
  `DO $$ BEGIN
     CREATE TABLE late (id int PRIMARY KEY, other int REFERENCES late DEFERRABLE INITIALLY DEFERRED);
     INSERT INTO late VALUES (1, 2);
   END $$`,
);
const FAIL = statement('test.fail', `SELECT 1 / 0`);
const DEADLOCK = statement('test.deadlock', `DO $$ BEGIN RAISE deadlock_detected; END $$`);

const first: Change = { kind: 'room', roomId: 1 };
const second: Change = { kind: 'users' };

describe('changes', () => {
  let scratch: ScratchDatabase;
  let database: Database;
  let told: (readonly Change[])[];

  beforeEach(async () => {
    scratch = await scratchDatabase();
    database = new Database({ url: scratch.url, poolSize: 2, applicationName: 'plaza test' });
    told = [];
    database.onCommitted((changes) => void told.push(changes));
  });
  afterEach(async () => {
    await database.close();
    await scratch.drop();
  });

  it('of a transaction are told together, once it is committed and before it resolves', async () => {
    const order: string[] = [];
    database.onCommitted(
      () => void order.push(`told after ${database.statementCounts.get('COMMIT') ?? 0} commits`),
    );
    await database.transaction(async (tx) => {
      tx.changed(first);
      await tx.query(ADD_ROOM, ['a']);
      tx.changed(second);
      order.push('worked');
    });
    order.push('resolved');
    expect(order).toEqual(['worked', 'told after 1 commits', 'resolved']);
    expect(told).toEqual([[first, second]]);
  });

  it('are not told when it is rolled back', async () => {
    const work = database.transaction(async (tx) => {
      tx.changed(first);
      await tx.query(FAIL);
    });
    await expect(work).rejects.toThrow();
    expect(told).toEqual([]);
  });

  it('of which the commit failed, which may have been done, claim no number that the room has not reached', async () => {
    const work = database.transaction(async (tx) => {
      await tx.query(REFUSED_AT_COMMIT);
      tx.changed({ kind: 'messages', roomId: 7, sequence: 42 });
      tx.changed(second);
    });
    await expect(work).rejects.toThrow('foreign key');
    expect(told).toEqual([[{ kind: 'room', roomId: 7 }, second]]);
  });

  it('are told once when it took several attempts', async () => {
    let attempts = 0;
    await database.transaction(async (tx) => {
      tx.changed(first);
      if (++attempts < 3) await tx.query(DEADLOCK);
    });
    expect(told).toEqual([[first]]);
  });

  it('are told although nobody knows whether it was committed', async () => {
    const work = database.transaction(async (tx) => {
      tx.changed(first);
      await tx
        .query(statement('test.end-connection', `SELECT pg_terminate_backend(pg_backend_pid())`))
        .catch(() => undefined);
    });
    await expect(work).rejects.toThrow();
    expect(told).toEqual([[first]]);
  });

  it('of a single statement are told at once', () => {
    database.changed(first);
    expect(told).toEqual([[first]]);
  });

  it('hold up whoever wrote until they are passed on', async () => {
    const order: string[] = [];
    database.onCommitted(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push('passed on');
    });
    await database.transaction(async (tx) => void (await tx.changed(first)));
    order.push('transaction resolved');
    await database.changed(second);
    order.push('single statement resolved');
    expect(order).toEqual(['passed on', 'transaction resolved', 'passed on', 'single statement resolved']);
  });

  it('are nothing to tell of when a transaction changes nothing', async () => {
    await database.transaction((tx) => tx.query(COUNT_ROOMS));
    expect(told).toEqual([]);
  });
});

describe('statement counts', () => {
  it('hold everything that goes over a connection, by name', async () => {
    const scratch = await scratchDatabase();
    const database = new Database({ url: scratch.url, poolSize: 1, applicationName: 'plaza test' });
    await database.query(COUNT_ROOMS);
    await database.transaction(async (tx) => {
      await tx.query(ADD_ROOM, ['a']);
      await tx.query(COUNT_ROOMS);
    });
    await database.typed((prisma) => prisma.room.count());
    const client = await database.dedicatedClient();
    await client.query('SELECT 1');
    client.release();
    expect(Object.fromEntries(database.statementCounts)).toEqual({
      'test.count-rooms': 2,
      'test.add-room': 1,
      BEGIN: 1,
      COMMIT: 1,
      unnamed: 2,
    });
    await database.close();
    await scratch.drop();
  });

  it('need names that mean one statement', () => {
    expect(statement('test.count-rooms', COUNT_ROOMS.text)).toBe(COUNT_ROOMS);
    expect(() => statement('test.count-rooms', 'SELECT 2')).toThrow(
      'two statements are called test.count-rooms',
    );
  });
});
