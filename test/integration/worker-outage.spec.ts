import { setTimeout as delay } from 'node:timers/promises';
import { KeptWorker } from '../../apps/worker/src/kept-worker.js';
import { JobProducer } from '../../libs/jobs/job-producer.js';
import { MIGRATIONS_FOLDER } from '../../libs/storage/database-server.js';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { migrate } from '../../libs/storage/migrations.js';
import { endEverything } from '../support/kept-processes.js';
import { RoomScene } from '../support/room-scene.js';
import { ScratchClusters } from '../support/scratch-cluster.js';
import { communityOn, type Community } from '../support/scratch-community.js';
import { connect } from '../support/scratch-database.js';
import { describeBothBackends } from '../support/both-backends.js';
import { scratchJobs, workerOptions } from '../support/scratch-worker.js';
import { until } from '../support/until.js';

jest.setTimeout(300_000);
afterAll(endEverything);

let clusters: ScratchClusters;
beforeAll(async () => {
  clusters = await ScratchClusters.prepare();
});
afterAll(() => clusters.remove());

/** Longer than any one thing may keep the process from everything else. */
const BLOCKED_MS = 400;
const LOOK_EVERY_MS = 10;
/** Else it would be for ever. */
const SOME_SECONDS_MS = 20_000;
/** Somebody who spins does so for all of them. */
const IDLE_SECONDS_MAX = 5;
let made = 0;

describeBothBackends((redis) => {
  let postgres: EmbeddedPostgres;
  let community: Community;
  let worker: KeptWorker;
  /** One line when it waits, one when it goes on; a machine that stands still may look like an outage afterwards. */
  let told: string[];
  beforeEach(async () => {
    await redis()?.ask((ask) => ask.flushall());
    postgres = await clusters.start(await clusters.dataFolder(`outage-${++made}`));
    await migrate(postgres.url, MIGRATIONS_FOLDER);
    community = await communityOn(postgres.url, { config: { rateLimit: { posts: 0, windowSeconds: 1 } } });
    told = [];
  });
  afterEach(async () => {
    await worker.close();
    await community.close();
    await clusters.stopAll();
  });

  const start = (): void => {
    worker = new KeptWorker(workerOptions(community, redis()?.url), {
      info: (message) => told.push(message.replace(/\d+ s$/, 'N s')),
      warn: (_details, message) => told.push(message),
    });
  };
  const untilIt = (is: 'ready' | 'not ready'): Promise<void> => until(() => worker.health().status === is);
  /** On a connection that has not been through the outage. */
  async function untilApplied(): Promise<void> {
    const client = await connect(postgres.url);
    const left = async () => (await client.query('SELECT FROM scheduled_changes')).rowCount;
    while (await left()) await delay(50);
    await client.end();
  }
  /** A second of waiting, as `watched` saw it; the best of a few, since other tests run on the machine too. */
  async function idleSecond(): Promise<{ blockedMs: number; load: number }> {
    for (let attempt = 1; ; attempt++) {
      const seen = await watched(() => delay(1000));
      if (attempt === IDLE_SECONDS_MAX || (seen.blockedMs < BLOCKED_MS && seen.load < 0.5)) return seen;
    }
  }
  /**
   * What keeps the event loop from turning while `work` is under way, and CPU time as a part of it. Of a turn only CPU
   * time counts: a process that stands still because others run does not keep itself from anything.
   */
  async function watched(work: () => Promise<void>): Promise<{ blockedMs: number; load: number }> {
    const now = () => ({ cpu: process.cpuUsage(), at: performance.now() });
    const sinceThen = ({ cpu, at }: ReturnType<typeof now>) => {
      const { user, system } = process.cpuUsage(cpu);
      return { cpuMs: (user + system) / 1000, ms: performance.now() - at };
    };
    const began = now();
    let [turn, blockedMs] = [began, 0];
    const look = (): void => {
      const { cpuMs, ms } = sinceThen(turn);
      [turn, blockedMs] = [now(), Math.max(blockedMs, Math.min(cpuMs, ms))];
    };
    const looking = setInterval(look, LOOK_EVERY_MS);
    await work().finally(() => clearInterval(looking));
    look();
    const { cpuMs, ms } = sinceThen(began);
    return { blockedMs, load: cpuMs / ms };
  }

  it('a worker that starts before its database waits, and is told so once', async () => {
    await postgres.stop();
    start();
    await until(() => worker.health().checks.database !== 'unknown');
    const { blockedMs, load } = await idleSecond();
    expect(blockedMs).toBeLessThan(BLOCKED_MS);
    expect(load).toBeLessThan(0.5);
    expect(worker.health()).toEqual({
      status: 'not ready',
      checks: { database: 'not reachable', migrations: 'unknown', jobs: 'unknown' },
    });
    await postgres.restart();
    await untilIt('ready');
    expect(told.slice(0, 2)).toEqual([
      'the worker waits: database: not reachable',
      'the worker goes on after N s',
    ]);
  });

  it('a worker whose database dies waits, is told so once, and goes on: no job is lost', async () => {
    const scene = await RoomScene.of(community);
    const ann = await community.member('ann');
    await scene.post(ann);
    start();
    await untilIt('ready');
    process.kill((await postgres.pid())!, 'SIGKILL');
    await untilIt('not ready');
    const { blockedMs, load } = await idleSecond();
    expect(blockedMs).toBeLessThan(BLOCKED_MS);
    expect(load).toBeLessThan(0.5);
    expect(worker.health().checks.database).toBe('not reachable');
    await postgres.restart();
    await untilIt('ready');
    expect(told.slice(0, 2)).toEqual([
      redis()
        ? 'the worker waits: database: not reachable'
        : 'the worker waits: database: not reachable, jobs: not reachable',
      'the worker goes on after N s',
    ]);
    const jobs = scratchJobs(community, redis()?.url);
    const payload = { actor: community.operator, authorId: ann.id, roomIds: null };
    const id = await jobs.add('delete-posts', payload);
    while ((await jobs.find(id))?.state !== 'done') await delay(20);
    await jobs.close();
    await scene.schedule(ann, { write: false }, 1);
    community.clock.now += 10;
    await untilApplied();
  });

  it.each([0, 30, 60, 100, 200])(
    'a worker whose database dies %d ms after its start ends when it is told to',
    async (ms) => {
      start();
      await delay(ms);
      process.kill((await postgres.pid())!, 'SIGKILL');
      await delay(300);
      const since = performance.now();
      const { blockedMs } = await watched(() => worker.close());
      expect(performance.now() - since).toBeLessThan(SOME_SECONDS_MS);
      expect(blockedMs).toBeLessThan(BLOCKED_MS);
    },
  );

  it('who adds a job meanwhile is not kept waiting, and is not failed', async () => {
    start();
    await untilIt('ready');
    const producer = new JobProducer(() => scratchJobs(community, redis()?.url));
    const payload = { actor: community.operator, authorId: community.operator.userId, roomIds: null };
    expect(await producer.add('delete-posts', payload)).toEqual(expect.any(String));
    const queue = redis();
    if (queue) await queue.stop();
    else await postgres.stop();
    const since = performance.now();
    expect(await producer.add('delete-posts', payload)).toBeUndefined();
    expect(performance.now() - since).toBeLessThan(SOME_SECONDS_MS);
    await untilIt('not ready');
    if (queue) await queue.restart();
    else await postgres.restart();
    await untilIt('ready');
    expect(await producer.add('delete-posts', payload)).toEqual(expect.any(String));
    await producer.onApplicationShutdown();
  });

  it('a Redis that comes back empty is planned again', async () => {
    const queue = redis();
    start();
    await untilIt('ready');
    if (!queue) return; // PostgreSQL keeps what it has
    await queue.stop();
    await untilIt('not ready');
    expect(worker.health().checks).toEqual({ database: 'ok', migrations: 'ok', jobs: 'not reachable' });
    await queue.restart();
    await untilIt('ready');
    expect(told.slice(0, 2)).toEqual([
      'the worker waits: jobs: not reachable',
      'the worker goes on after N s',
    ]);
    const scene = await RoomScene.of(community);
    const ann = await community.member('ann');
    await scene.schedule(ann, { write: false }, 1);
    community.clock.now += 10;
    await untilApplied();
  });
});
