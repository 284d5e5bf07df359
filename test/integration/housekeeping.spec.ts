import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HousekeepingService, RETIRED_PER_SECOND } from '../../libs/community/housekeeping.service.js';
import { FolderBlobStore } from '../../libs/storage/folder-blob-store.js';
import { FilesUnavailableError } from '../../libs/storage/storage-errors.js';
import { RoomScene, tableState } from '../support/room-scene.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';

const DAY = 86_400;
const NOTHING = {
  files: 0,
  revisions: 0,
  directMessages: 0,
  adminAccess: 0,
  activity: 0,
  logEntries: 0,
  spareNames: 0,
  raids: 0,
  recounted: 0,
  statistics: 0,
  webhookDeliveries: 0,
  retired: 0,
};

const community = eachWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });
let scene: RoomScene;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  ann = await scene.member('ann');
});

/** Without the rounding of arrivals, which automod.spec.ts looks at. */
async function run(signal?: AbortSignal) {
  const { arrivals: _, ...report } = await community().service(HousekeepingService).run(signal);
  return report;
}
const pass = (seconds: number) => (community().clock.now += seconds);
const count = (table: string) => community().value<number>(`SELECT count(*) FROM ${table}`);

function blobsOnDisk(): number {
  const folder = join(community().folder, 'files');
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /^\d+$/.test(entry.name),
  ).length;
}

it('with nothing to forget does nothing, however often', async () => {
  await scene.post(ann);
  await scene.upload(ann);
  expect(await run()).toEqual(NOTHING); // and counts for the statistics
  const before = await tableState(community());
  expect(await run()).toEqual(NOTHING);
  expect(await tableState(community())).toEqual(before);
});

describe('expired files', () => {
  it('go from the table and from disk, at the second of their expiry and not before', async () => {
    await scene.upload(ann);
    pass(3599);
    expect(await run()).toEqual(NOTHING);
    expect([await count('files'), blobsOnDisk()]).toEqual([1, 1]);
    pass(1);
    expect(await run()).toEqual({ ...NOTHING, files: 1 });
    expect([await count('files'), blobsOnDisk()]).toEqual([0, 0]);
  });

  it('go in bounded batches, and the next run does the rest', async () => {
    await community().sql(
      `INSERT INTO files (room_id, size, uploaded_at, expires_at)
       SELECT id, 0, 0, 1 FROM rooms, generate_series(1, 2100)`,
    );
    expect(await run()).toMatchObject({ files: 2000 });
    expect(await run()).toMatchObject({ files: 100 });
  });

  it('whose bytes the store does not give up are out of reach all the same, and go later', async () => {
    const old = await scene.post(ann, 'old');
    await scene.edit(ann, old.id, 'new');
    await scene.upload(ann);
    pass(31 * DAY);
    jest
      .spyOn(FolderBlobStore.prototype, 'delete')
      .mockRejectedValue(new FilesUnavailableError('no network'));
    expect(await run()).toEqual({ ...NOTHING, revisions: 1 });
    expect([await count('files'), blobsOnDisk()]).toEqual([0, 1]);
    jest.restoreAllMocks();
    await run();
    expect(blobsOnDisk()).toBe(0);
  });
});

it.each([
  ['revisions', 'message_revisions', 30 * DAY],
  ['activity', 'room_activity', 60 * DAY],
  ['logEntries', 'moderation_log', 90 * DAY],
] as const)('old %s go when their time is over', async (kind, table, lifetime) => {
  await community().sql('DELETE FROM moderation_log');
  const { id } = await scene.post(ann, 'one');
  await scene.edit(ann, id, 'two');
  const { room } = await community().access(scene.token);
  community().activity.visited(room.id, ann.id);
  await community().activity.flush();
  await scene.override(ann, { write: false });
  await run();
  pass(lifetime - 3600);
  expect((await run())[kind]).toBe(0);
  expect(await count(table)).toBe(1);
  pass(3601);
  expect((await run())[kind]).toBe(1);
  expect(await count(table)).toBe(0);
});

it('expired direct messages go', async () => {
  const now = community().clock.now;
  await community().sql(
    `INSERT INTO direct_messages (sender_id, recipient_id, body, posted_at, expires_at)
     SELECT $1::bigint, $1::bigint, 'x', 0, $2::float8 + i FROM generate_series(-1, 1) AS i`,
    [ann.id, now],
  );
  expect(await run()).toEqual({ ...NOTHING, directMessages: 2 });
  expect(await count('direct_messages')).toBe(1);
});

it('sessions and login links that are over go, and answers that nobody repeats', async () => {
  const now = community().clock.now;
  const places = 'FROM generate_series(-1, 1) AS i';
  const hash = `decode(lpad((i + 5)::text, 64, 'e'), 'hex')`;
  await community().sql(
    `INSERT INTO admin_sessions (secret_hash, user_id, created_at, expires_at)
     SELECT ${hash}, $1::bigint, 0, $2::float8 + i ${places}`,
    [ann.id, now],
  );
  await community().sql(
    `INSERT INTO login_links (code_hash, browser_hash, user_id, expires_at)
     SELECT ${hash}, ${hash}, $1::bigint, $2::float8 + i ${places}`,
    [ann.id, now],
  );
  await community().sql(
    `INSERT INTO admin_answers (principal, key, request_hash, started_at)
     SELECT 'ann', i::text, ${hash}, $1::float8 + i ${places}`,
    [now - DAY],
  );
  expect(await run()).toEqual({ ...NOTHING, adminAccess: 2 });
  for (const table of ['admin_sessions', 'login_links', 'admin_answers']) expect(await count(table)).toBe(1);
});

it('active users are those of the last seven days, in every room', async () => {
  const other = await RoomScene.of(community());
  const { room } = await community().access(scene.token);
  community().activity.visited(room.id, ann.id);
  await community().activity.flush();
  expect(await run()).toEqual({ ...NOTHING, recounted: 1 });
  const active = async () => [
    (await scene.shown()).active_users,
    (await other.shown()).active_users,
    (await scene.counters()).infoUpdates,
  ];
  expect(await active()).toEqual([1, 0, 0]);
  expect(await run()).toEqual(NOTHING);
  pass(8 * DAY);
  expect(await run()).toEqual({ ...NOTHING, recounted: 1 });
  expect(await active()).toEqual([0, 0, 0]);
});

describe('a room’s retention', () => {
  const keep = (retentionDays: number | null) =>
    community().rooms.update(community().operator, scene.token, { retentionDays });

  it('is off by default', async () => {
    await scene.post(ann);
    pass(10_000 * DAY);
    expect((await run()).retired).toBe(0);
  });

  it('turns older messages into tombstones with numbers, and changes nothing else', async () => {
    await keep(30);
    expect(await scene.counters()).toMatchObject({ infoUpdates: 0 });
    const old = await scene.post(ann, 'old'); // 1
    await scene.react(ann, old.id, '🐟'); // 2
    pass(20 * DAY);
    const young = await scene.post(ann, 'young'); // 3
    pass(10 * DAY + 1);
    expect((await run()).retired).toBe(1);
    expect(await scene.since(3)).toMatchObject([{ id: old.id, deleted: true, seqno: 5 }]);
    expect((await scene.message(young.id)).data).not.toBeNull();
    expect(await count('reactors')).toBe(0);
  });

  it('spares pinned messages', async () => {
    const admin = await scene.member('admin', { admin: true });
    await keep(1);
    const pinned = await scene.post(ann, 'pinned');
    await scene.pin(admin, pinned.id);
    pass(2 * DAY);
    expect((await run()).retired).toBe(0);
    await scene.unpin(admin, pinned.id);
    expect((await run()).retired).toBe(1);
  });

  it('takes the files of the messages along', async () => {
    await keep(1);
    const file = await scene.upload(ann);
    await scene.post(ann, { files: [file] });
    pass(2 * DAY);
    expect(await run()).toEqual({ ...NOTHING, retired: 1, files: 1 });
    expect(blobsOnDisk()).toBe(0);
  });

  it('goes at a pace that clients keep up with, in every room at once', async () => {
    const other = await RoomScene.of(community());
    await keep(1);
    await community().rooms.update(community().operator, other.token, { retentionDays: 1 });
    await community().sql(
      `INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data, data, data_size, signature)
       SELECT rooms.id, $1, 0, i, i, 'x', 1, repeat('s', 64)::bytea FROM rooms, generate_series(1, 120) AS i`,
      [ann.id],
    );
    await community().sql('UPDATE rooms SET message_sequence = 120');
    expect(await community().rooms.pastRetention(scene.token)).toBe(120);
    const perRun = RETIRED_PER_SECOND * 10;
    expect((await run()).retired).toBe(2 * perRun);
    expect(await community().rooms.pastRetention(scene.token)).toBe(120 - perRun);
    expect((await run()).retired).toBe(2 * perRun);
    expect((await run()).retired).toBe(2 * (120 - 2 * perRun));
    expect((await run()).retired).toBe(0);
  });

  it('is off again with null', async () => {
    await keep(1);
    await keep(null);
    await scene.post(ann);
    pass(2 * DAY);
    expect((await run()).retired).toBe(0);
  });

  it.each([0, -1, 1.5, 36_501, Number.NaN])('of %p days is refused', async (days) => {
    await expect(keep(days)).rejects.toMatchObject({ status: 400 });
    expect((await community().access(scene.token)).room.retentionDays).toBeNull();
  });
});

describe('a run', () => {
  it('that is to end stops before the next batch', async () => {
    await scene.upload(ann);
    pass(DAY);
    const stop = new AbortController();
    stop.abort();
    expect(await run(stop.signal)).toEqual(NOTHING);
    expect(await count('files')).toBe(1);
  });

  it('of which a step fails does the others, and fails', async () => {
    await scene.upload(ann);
    const { id } = await scene.post(ann, 'one');
    await scene.edit(ann, id, 'two');
    pass(31 * DAY);
    await community().sql('ALTER TABLE message_revisions RENAME COLUMN replaced_at TO elsewhere');
    await expect(run()).rejects.toThrow('replaced_at');
    expect(await count('files')).toBe(0);
  });

  it('at the same time as another does everything once', async () => {
    for (let number = 0; number < 5; number++) await scene.upload(ann);
    pass(DAY);
    const reports = await Promise.all([run(), run(), run()]);
    expect(reports.reduce((sum, { files }) => sum + files, 0)).toBe(5);
    expect([await count('files'), blobsOnDisk()]).toEqual([0, 0]);
  });
});
