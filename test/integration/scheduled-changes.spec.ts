import { Config } from '../../libs/config/config.js';
import { ScheduledChangesService } from '../../libs/community/scheduled-changes.service.js';
import { RoomScene } from '../support/room-scene.js';
import { communityOn, eachWithCommunity, type Community, type Member } from '../support/scratch-community.js';

const HOUR = 3600;

const community = eachWithCommunity();
let scene: RoomScene;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  ann = await scene.member('ann');
});

const apply = (by: Community = community(), signal?: AbortSignal) =>
  by.service(ScheduledChangesService).applyDue(signal);

/** What was applied, in the order in which it was: the flags that were set. */
async function applied(): Promise<Record<string, boolean>[]> {
  const rows = await community().sql<{ detail: Record<string, boolean | null> }>(
    `SELECT detail FROM moderation_log WHERE via = 'worker' ORDER BY id`,
  );
  return rows.map(({ detail }) =>
    Object.fromEntries(
      Object.entries(detail).filter(
        (entry): entry is [string, boolean] =>
          ['read', 'write', 'upload', 'failed'].includes(entry[0]) && entry[1] !== null,
      ),
    ),
  );
}

describe('after a day without a worker', () => {
  it('everything that is due is applied, in the order of its time', async () => {
    await scene.schedule(ann, { write: true }, 3 * HOUR);
    await scene.schedule(ann, { write: false }, 1 * HOUR);
    await scene.schedule(ann, { read: false }, 2 * HOUR);
    await scene.schedule(ann, { write: false }, 20 * HOUR);
    await scene.schedule(ann, { read: true }, 25 * HOUR);
    community().clock.now += 24 * HOUR;
    expect(await apply()).toBe(4);
    expect(await applied()).toEqual([{ write: false }, { read: false }, { write: true }, { write: false }]);
    expect(await scene.schedule(ann, { upload: true }, 1)).toHaveLength(2);
    expect(await scene.override(ann, {}, { unschedule: false })).toMatchObject({ read: false, write: false });
  });

  it('those of the same moment in the order in which they were made', async () => {
    for (const write of [false, true, false]) await scene.schedule(ann, { write }, HOUR);
    community().clock.now += 24 * HOUR;
    await apply();
    expect(await applied()).toEqual([{ write: false }, { write: true }, { write: false }]);
  });
});

it('two workers at once apply each change once, in order', async () => {
  const other = await communityOn(community().url);
  try {
    const CHANGES = 40;
    for (let at = 1; at <= CHANGES; at++) await scene.schedule(ann, { write: at % 2 === 0 }, at);
    community().clock.now += HOUR;
    other.clock.now = community().clock.now;
    const done = await Promise.all([apply(), apply(other)]);
    expect(done[0] + done[1]).toBe(CHANGES);
    expect(await applied()).toEqual(
      Array.from({ length: CHANGES }, (_, index) => ({ write: (index + 1) % 2 === 0 })),
    );
  } finally {
    await other.close();
  }
});

it('a run that is to end takes no other change', async () => {
  await scene.schedule(ann, { write: false }, 1);
  community().clock.now += HOUR;
  const stop = new AbortController();
  stop.abort();
  expect(await apply(community(), stop.signal)).toBe(0);
  expect(await apply()).toBe(1);
});

it('one that cannot be applied is dropped, told in the log, and holds up none', async () => {
  const ben = await scene.member('ben');
  await community().sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.user_id = ${ann.id} THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$`);
  await community().sql(
    'CREATE TRIGGER refuse BEFORE INSERT ON permission_overrides FOR EACH ROW EXECUTE FUNCTION refuse()',
  );
  await scene.schedule(ann, { write: false }, 1);
  await scene.schedule(ben, { write: false }, 2);
  community().clock.now += HOUR;
  expect(await apply()).toBe(2);
  expect(await applied()).toEqual([{ write: false, failed: 'not this one' }, { write: false }]);
  expect(await apply()).toBe(0);
});

describe('a scheduled ban', () => {
  // None is made here; a community that moved in may bring some.
  const scheduleBan = ({ id }: Member, write: boolean | null = null) =>
    community().sql(
      `INSERT INTO scheduled_changes (room_id, user_id, due_at, banned, write)
       SELECT id, $1, $2, true, $3 FROM rooms WHERE token = $4`,
      [id, community().clock.now, write, scene.token],
    );

  it('takes the room from somebody without a role', async () => {
    await scheduleBan(ann);
    await apply();
    expect(await community().access(scene.token, ann)).toMatchObject({ read: false });
  });

  it.each([
    ['of the room', (): Promise<Member> => scene.member('mod', { moderator: true })],
    ['of the whole server', (): Promise<Member> => scene.globalMember('mod', { moderator: true })],
  ])('that meets a moderator %s is dropped, and nothing else that comes with it', async (_, make) => {
    const mod = await make();
    const before = (await scene.logged()).length;
    await scheduleBan(mod);
    await scheduleBan(mod, false);
    expect(await apply()).toBe(2);
    expect(await scene.override(mod, {})).toMatchObject({ banned: false, write: false });
    expect((await scene.logged()).slice(before)).toEqual(['permissions.set', 'permissions.set']);
  });
});

it('no more are made for one user in a room than are allowed; those that moved in stay', async () => {
  const { scheduledChangesPerUserMax } = community().service(Config).limits;
  await community().sql(
    `INSERT INTO scheduled_changes (room_id, user_id, due_at, write)
     SELECT rooms.id, $1, $2::float8 + n, true FROM rooms, generate_series(1, $3::int) AS n WHERE token = $4`,
    [ann.id, community().clock.now + HOUR, scheduledChangesPerUserMax + 1, scene.token],
  );
  await expect(scene.schedule(ann, { write: false }, 1)).rejects.toMatchObject({ status: 400 });
  const other = await RoomScene.of(community(), 'other');
  await expect(other.schedule(ann, { write: false }, 1)).resolves.toHaveLength(1);
  await expect(scene.schedule(await scene.member('ben'), { write: false }, 1)).resolves.toHaveLength(1);
  community().clock.now += HOUR + 2;
  expect(await apply()).toBe(4);
  await expect(scene.schedule(ann, { write: false }, 1)).resolves.toHaveLength(scheduledChangesPerUserMax);
});
