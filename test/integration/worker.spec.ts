import type { Job } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { HousekeepingProcessor } from '../../apps/worker/src/processors/housekeeping.processor.js';
import { QueueProcessor } from '../../apps/worker/src/processors/queue-processor.js';
import { TASKS } from '../../apps/worker/src/tasks.js';
import type { RunningWorker } from '../../apps/worker/src/worker.js';
import { HousekeepingService } from '../../libs/community/housekeeping.service.js';
import { WorkerSession } from '../../libs/storage/worker-session.js';
import { endEverything } from '../support/kept-processes.js';
import { RoomScene } from '../support/room-scene.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';
import { describeBothBackends } from '../support/both-backends.js';
import { scratchWorker } from '../support/scratch-worker.js';

jest.setTimeout(180_000);
afterAll(endEverything);

/** Less than a batch that does not end is waited for; the best of a few, since other programs run beside it. */
const CLOSED_MS = 2_000;
const WELL = { checks: { database: 'ok', migrations: 'ok', jobs: 'ok' }, reason: undefined };

/** Keeps the whole worker from starting, when nearly everything is open. */
class BrokenProcessor extends QueueProcessor {
  constructor() {
    super();
    throw new Error('broken');
  }

  protected work(): Promise<never> {
    throw new Error('unreachable');
  }
}

const community = eachWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

describeBothBackends((redis) => {
  let scene: RoomScene;
  let ann: Member;
  let workers: RunningWorker[];
  beforeEach(async () => {
    await redis()?.ask((ask) => ask.flushall());
    workers = [];
    scene = await RoomScene.of(community());
    ann = await scene.member('ann');
  });
  afterEach(() => Promise.all(workers.map((worker) => worker.close())));

  /** Starts one that is known to be well, which is also what makes it plan. */
  async function work(): Promise<RunningWorker> {
    const worker = await scratchWorker(community(), redis()?.url);
    workers.push(worker);
    expect(await worker.check()).toEqual(WELL);
    return worker;
  }

  const count = (table: string) => community().value<number>(`SELECT count(*) FROM ${table}`);
  const changes = () =>
    community().sql<{ at: number; write: boolean }>(
      `SELECT (detail ->> 'write')::boolean AS write FROM moderation_log WHERE via = 'worker' ORDER BY id`,
    );

  it('a worker forgets what is due and applies what is scheduled, by itself', async () => {
    await scene.upload(ann);
    await scene.schedule(ann, { write: false }, 10);
    community().clock.now += 3600;
    await work();
    while ((await count('files')) > 0 || (await count('scheduled_changes')) > 0) await delay(50);
    expect(await changes()).toEqual([{ write: false }]);
  });

  it('two workers at once apply each change once, in the order of their times', async () => {
    await work();
    await work();
    const expected = [];
    for (let at = 1; at <= 30; at++) {
      await scene.schedule(ann, { write: at % 2 === 0 }, at);
      expected.push({ write: at % 2 === 0 });
    }
    community().clock.now += 3600;
    while ((await count('scheduled_changes')) > 0) await delay(50);
    expect(await changes()).toEqual(expected);
  });

  it('what one worker had planned, the next one goes on with', async () => {
    const first = await work();
    await first.close();
    await work();
    await scene.upload(ann);
    community().clock.now += 3600;
    while ((await count('files')) > 0) await delay(50);
  });

  it('a worker ends while nothing is to be done', async () => {
    let fastest = Infinity;
    for (let attempt = 0; attempt < 5 && fastest > CLOSED_MS; attempt++) {
      const worker = await work();
      const start = performance.now();
      await worker.close();
      fastest = Math.min(fastest, performance.now() - start);
    }
    expect(fastest).toBeLessThan(CLOSED_MS);
  });

  it('a worker that cannot start leaves nothing open', async () => {
    const connections = () =>
      community().value<number>(
        `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%worker%'`,
      );
    const start = scratchWorker(community(), redis()?.url, [BrokenProcessor]);
    await expect(start).rejects.toThrow('broken');
    while ((await connections()) > 0) await delay(5);
  });
});

it('housekeeping is left to whoever does it just now', async () => {
  const [first, second] = [new WorkerSession(community().database), new WorkerSession(community().database)];
  const processor = new HousekeepingProcessor(community().service(HousekeepingService), second);
  const run = () => processor.process({} as Job);
  expect(await first.alone(TASKS.housekeeping, run)).toBeUndefined();
  expect(await run()).toMatchObject({ files: 0 });
  first.close();
  second.close();
});
