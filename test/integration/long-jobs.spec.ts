import { Queue } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { LongJobsProcessor } from '../../apps/worker/src/processors/long-jobs.processor.js';
import type { RunningWorker } from '../../apps/worker/src/worker.js';
import { DeletionsService } from '../../libs/community/deletions.service.js';
import { openWorkerJobs } from '../../libs/community/open-job-backend.js';
import { JobProducer } from '../../libs/jobs/job-producer.js';
import type { LongJobPayload } from '../../libs/jobs/long-job-kinds.js';
import { LongJobs, type LongJobRecord, type LongJobState } from '../../libs/jobs/long-jobs.js';
import { QUEUES } from '../../libs/jobs/queues.js';
import { StorageUnavailableError } from '../../libs/storage/storage-errors.js';
import { endEverything } from '../support/kept-processes.js';
import { RoomScene } from '../support/room-scene.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';
import { describeBothBackends } from '../support/both-backends.js';
import type { ScratchRedis } from '../support/scratch-redis.js';
import { jobLocationOf, scratchJobs, scratchWorker } from '../support/scratch-worker.js';

jest.setTimeout(180_000);
afterAll(endEverything);

const community = eachWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

describeBothBackends((redis: () => ScratchRedis | undefined) => {
  let jobs: LongJobs;
  let ann: Member;
  let ben: Member;
  let rooms: RoomScene[];
  const workers: RunningWorker[] = [];
  beforeEach(async () => {
    await redis()?.ask((ask) => ask.flushall());
    jobs = scratchJobs(community(), redis()?.url);
    rooms = [];
    for (let count = 0; count < 3; count++) rooms.push(await RoomScene.of(community()));
    [ann, ben] = [await community().member('ann'), await community().member('ben')];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const worker of workers.splice(0)) await worker.close();
    await jobs.close();
  });

  async function work(): Promise<RunningWorker> {
    const worker = await scratchWorker(community(), redis()?.url, [LongJobsProcessor]);
    workers.push(worker);
    return worker;
  }

  async function until(id: string, ...states: LongJobState[]): Promise<LongJobRecord> {
    for (;;) {
      const job = await jobs.find(id);
      if (job && states.includes(job.state)) return job;
      await delay(20);
    }
  }

  /** Past our own checks, and with one attempt. */
  async function addRaw(kind: string, payload: unknown): Promise<string> {
    const backend = openWorkerJobs(jobLocationOf(community(), redis()?.url));
    const { connection, prefix } = backend;
    const queue = new Queue(QUEUES.longJobs, { connection, prefix });
    const job = await queue.add(kind, payload);
    await queue.close();
    await backend.close();
    return job.id!;
  }

  const deletePosts = (author: Member, roomIds: number[] | null = null): LongJobPayload<'delete-posts'> => ({
    actor: community().operator,
    authorId: author.id,
    roomIds,
  });
  const roomId = async (scene: RoomScene) => (await community().access(scene.token)).room.id;
  const living = (author: Member) =>
    community().value<number>('SELECT count(*) FROM messages WHERE author_id = $1 AND data IS NOT NULL', [
      author.id,
    ]);
  const logged = () =>
    community().sql<{ room: string; messages: number }>(
      `SELECT room_token AS room, (detail ->> 'messages')::int AS messages FROM moderation_log
       WHERE action = 'message.delete-all' ORDER BY id`,
    );

  describe('delete-posts', () => {
    it('deletes everything by somebody in all rooms, and nothing else', async () => {
      await rooms[0]!.post(ann);
      await rooms[2]!.post(ann);
      await rooms[2]!.post(ann);
      await rooms[2]!.post(ben);
      const upload = await rooms[1]!.upload(ann);
      const id = await jobs.add('delete-posts', deletePosts(ann));
      expect(await jobs.find(id)).toMatchObject({ kind: 'delete-posts', state: 'waiting', attempts: 0 });
      await work();
      expect((await until(id, 'done')).progress).toEqual({ rooms: 3, roomsTotal: 3, messages: 3 });
      expect([await living(ann), await living(ben)]).toEqual([0, 1]);
      expect((await rooms[1]!.file(upload)).expires_at).toBe(community().clock.now);
      expect(await logged()).toEqual([
        { room: rooms[0]!.token, messages: 1 },
        { room: rooms[2]!.token, messages: 2 },
      ]);
    });

    it('keeps to the rooms that it is given, and passes over those that are gone', async () => {
      for (const scene of rooms) await scene.post(ann);
      const ids = [await roomId(rooms[0]!), await roomId(rooms[1]!)];
      await community().rooms.delete(community().operator, rooms[1]!.token);
      const id = await jobs.add('delete-posts', deletePosts(ann, ids));
      await work();
      expect((await until(id, 'done')).progress).toEqual({ rooms: 1, roomsTotal: 1, messages: 1 });
      expect(await living(ann)).toBe(1);
    });

    it('goes over big rooms in bounded transactions, each with its own entry in the log', async () => {
      await community().sql(
        `INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature)
         SELECT $1, $2, 0, i, i, 'x', 1, repeat('s', 64)::bytea FROM generate_series(1, 1200) AS i`,
        [await roomId(rooms[0]!), ann.id],
      );
      await community().sql('UPDATE rooms SET message_sequence = 1200');
      const id = await jobs.add('delete-posts', deletePosts(ann));
      await work();
      expect((await until(id, 'done')).progress).toEqual({ rooms: 1, roomsTotal: 1, messages: 1200 });
      expect((await logged()).map(({ messages }) => messages)).toEqual([500, 500, 200]);
      expect((await rooms[0]!.counters()).messageSequence).toBe(2400);
    });

    it('that is done already does nothing', async () => {
      const id = await jobs.add('delete-posts', deletePosts(ann));
      await work();
      expect((await until(id, 'done')).progress).toEqual({ rooms: 0, roomsTotal: 0, messages: 0 });
      expect(await logged()).toEqual([]);
    });
  });

  describe('a worker that is told to end in the middle of a job', () => {
    it('finishes the batch, and the next worker does the rest, with true counts', async () => {
      for (const scene of rooms) for (let count = 0; count < 3; count++) await scene.post(ann);
      const client = community();
      // The second room cannot be worked on yet.
      await client.sql('BEGIN');
      await client.sql('SELECT FROM rooms WHERE id = $1 FOR UPDATE', [await roomId(rooms[1]!)]);
      const worker = await scratchWorker(client, redis()?.url, [LongJobsProcessor]);
      const id = await jobs.add('delete-posts', deletePosts(ann));
      while ((await jobs.find(id))?.progress.rooms !== 1) await delay(10);
      // Told, but maybe not there yet.
      const waiting = `SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await client.value<number>(waiting)) === 0) await delay(10);
      const closing = worker.close();
      await delay(50);
      await client.sql('COMMIT');
      await closing;
      expect(await jobs.find(id)).toMatchObject({
        state: 'waiting',
        attempts: 0,
        progress: { rooms: 2, roomsTotal: 3, messages: 6 },
      });
      await work();
      expect((await until(id, 'done')).progress).toEqual({ rooms: 3, roomsTotal: 3, messages: 9 });
      expect(await logged()).toHaveLength(3);
    });
  });

  describe('a job that fails', () => {
    it('is tried again after a pause, with the attempts counted', async () => {
      await rooms[0]!.post(ann);
      let isSeen = false;
      const { deleteSome } = DeletionsService.prototype;
      const failing = jest.spyOn(DeletionsService.prototype, 'deleteSome').mockImplementation(async function (
        this: DeletionsService,
        ...args
      ) {
        // Once, unless the machine stands still for the whole pause.
        if (!isSeen) throw new Error('just once');
        return deleteSome.apply(this, args);
      });
      const id = await jobs.add('delete-posts', deletePosts(ann));
      await work();
      const failed = await until(id, 'delayed');
      isSeen = true;
      expect(failed.reason).toBe('just once');
      expect(failed.attempts).toBeGreaterThan(0);
      const { attempts, progress } = await until(id, 'done');
      expect(progress.messages).toBe(1);
      expect(attempts).toBeGreaterThan(failed.attempts);
      expect(attempts).toBe(failing.mock.calls.length);
    });

    it('because the database was away is tried again without that being counted', async () => {
      await rooms[0]!.post(ann);
      jest
        .spyOn(DeletionsService.prototype, 'deleteSome')
        .mockRejectedValueOnce(new StorageUnavailableError(new Error('away')));
      const id = await jobs.add('delete-posts', deletePosts(ann));
      await work();
      expect(await until(id, 'delayed')).toMatchObject({ attempts: 0, reason: null });
      expect(await until(id, 'done')).toMatchObject({ attempts: 1, progress: { messages: 1 } });
    });

    it('that is poisoned is dead at once, is told why, and holds up none', async () => {
      const unknown = await addRaw('fly-to-the-moon', {});
      const wrong = await addRaw('delete-posts', { ...deletePosts(ann), authorId: 'ann' });
      await rooms[0]!.post(ann);
      const good = await jobs.add('delete-posts', deletePosts(ann));
      await work();
      await until(good, 'done');
      expect(await until(unknown, 'dead')).toMatchObject({ reason: 'there is no such kind of job' });
      expect((await until(wrong, 'dead')).reason).toMatch(/^not a payload of this kind: .*authorId/);
      expect(await jobs.list(['dead'])).toHaveLength(2);
      expect(await living(ann)).toBe(0);
    });

    it('for good can be retried, once its reason is gone, and removed', async () => {
      await rooms[0]!.post(ann);
      const failing = jest
        .spyOn(DeletionsService.prototype, 'deleteSome')
        .mockRejectedValue(new Error('always'));
      const ids = [];
      for (let count = 0; count < 2; count++) ids.push(await addRaw('delete-posts', deletePosts(ann)));
      await work();
      for (const id of ids) expect(await until(id, 'dead')).toMatchObject({ attempts: 1, reason: 'always' });
      expect(await jobs.remove(ids[0]!)).toBe(true);
      expect(await jobs.find(ids[0]!)).toBeUndefined();
      failing.mockRestore();
      expect(await jobs.retry(ids[1]!)).toBe(true);
      expect(await until(ids[1]!, 'done')).toMatchObject({ progress: { messages: 1 } });
    });

    it('is the only one that can be retried or removed', async () => {
      const id = await jobs.add('delete-posts', deletePosts(ann));
      for (const one of [id, 'nowhere']) {
        expect(await jobs.retry(one)).toBe(false);
        expect(await jobs.remove(one)).toBe(false);
      }
      expect(await jobs.find(id)).toMatchObject({ state: 'waiting' });
    });
  });

  it('two workers share the jobs, each is done once', async () => {
    const authors = [];
    for (let count = 0; count < 8; count++) authors.push(await community().member(`author ${count}`));
    for (const author of authors) for (const scene of rooms) await scene.post(author);
    await work();
    await work();
    const ids = await Promise.all(authors.map((author) => jobs.add('delete-posts', deletePosts(author))));
    for (const id of ids)
      expect((await until(id, 'done')).progress).toEqual({ rooms: 3, roomsTotal: 3, messages: 3 });
    expect(await logged()).toHaveLength(8 * 3);
  });

  it('of several with one name there is one at a time', async () => {
    const once = { once: 'clean up after ann' };
    const first = await jobs.add('delete-posts', deletePosts(ann), once);
    expect(await jobs.add('delete-posts', deletePosts(ann), once)).toBe(first);
    expect(await jobs.list()).toHaveLength(1);
    await work();
    await until(first, 'done');
    expect(await jobs.add('delete-posts', deletePosts(ann), once)).not.toBe(first);
  });

  it('the producer of a server adds jobs, and opens the queue when it needs it', async () => {
    const open = jest.fn(() => scratchJobs(community(), redis()?.url));
    const producer = new JobProducer(open);
    expect(open).not.toHaveBeenCalled();
    const id = await producer.add('delete-posts', deletePosts(ann));
    await producer.add('delete-posts', deletePosts(ben));
    expect(open).toHaveBeenCalledTimes(1);
    expect(await jobs.find(id!)).toMatchObject({ state: 'waiting', payload: deletePosts(ann) });
    await producer.onApplicationShutdown();
  });
});
