import { setTimeout as delay } from 'node:timers/promises';
import { Database, statement } from '../../libs/storage/database.js';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { StorageUnavailableError } from '../../libs/storage/storage-errors.js';
import { atOnce } from '../support/at-once.js';
import { goOn, standStill } from '../support/child-processes.js';
import { ScratchClusters } from '../support/scratch-cluster.js';

jest.setTimeout(180_000);

let clusters: ScratchClusters;
let postgres: EmbeddedPostgres;
let database: Database;
let stopped: number[] = [];
const told: boolean[] = [];
beforeAll(async () => {
  clusters = await ScratchClusters.prepare();
  postgres = await clusters.start(await clusters.dataFolder('silent'));
});
afterAll(() => clusters.remove());
beforeEach(() => {
  told.length = 0;
  const options = { url: postgres.url, poolSize: 4, applicationName: 'silence' };
  database = new Database({ ...options, onSilence: (isSilent) => told.push(isSilent) });
});
afterEach(async () => {
  thaw();
  await database.close();
});

/** Connections stay, and nobody answers. */
async function freeze(): Promise<void> {
  stopped = standStill((await postgres.pid())!);
}
const thaw = (): void => goOn(stopped.splice(0));

const ONE = statement('test.one', 'SELECT 1 AS one');
const one = () => database.query<{ one: number }>(ONE);
/** How it ended, and after how many milliseconds. */
async function timed(work: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const since = performance.now();
  const error: unknown = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, ms: performance.now() - since };
}

describe('a database that says nothing', () => {
  it('fails what waits for it in some seconds, what comes later at once, and is used again when it answers', async () => {
    // All connections are there, so that nobody finds out by not getting one.
    await Promise.all([one(), one(), one(), one()]);
    await freeze();
    const inTransaction = () => database.transaction((tx) => tx.query(ONE));
    for (const { error, ms } of await Promise.all([timed(one), timed(inTransaction), timed(one)])) {
      expect(error).toBeInstanceOf(StorageUnavailableError);
      expect(ms).toBeLessThan(18_000); // a statement may take longer
    }
    while (told.length === 0) await delay(20);
    for (const work of [one, inTransaction, () => database.dedicatedClient()]) {
      const ended = await atOnce(timed(work));
      expect(ended).toMatchObject({ error: expect.any(StorageUnavailableError) as Error });
    }
    thaw();
    const { ms } = await timed(async () => {
      while ((await timed(one)).error) await delay(20);
    });
    expect(ms).toBeLessThan(20_000);
    expect(told).toEqual([true, false]);
  });

  it('is not one that takes its time', async () => {
    const slow = statement('test.slow', 'SELECT pg_sleep(6)');
    expect((await timed(() => database.query(slow))).error).toBeUndefined();
    expect(told).toEqual([]);
  });

  it('loses no lock of a session that rests meanwhile', async () => {
    const session = await database.dedicatedClient();
    await session.query('SELECT pg_advisory_lock(7)');
    await freeze();
    await timed(one);
    thaw();
    const { rows } = await session.query('SELECT pg_advisory_unlock(7) AS held');
    expect(rows).toEqual([{ held: true }]);
    session.release();
  });
});
