import type { RoleChange } from '../../libs/community/moderators.service.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene, tableState } from '../support/room-scene.js';

const community = allWithCommunity();

let scene: RoomScene;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  ann = await scene.member('ann');
});

type Rank = 'nobody' | 'moderator' | 'admin';
interface Role {
  rank: Rank;
  visible: boolean;
}

const operator = () => community().operator;
const infoUpdates = async (of = scene) => (await of.counters()).infoUpdates;
const appointGlobally = ({ sessionId }: Pick<Member, 'sessionId'>, change: RoleChange) =>
  community().moderators.changeGlobally(operator(), sessionId, change);

/** What protocol.md §6 says about each pair of `moderator` and `admin`; a pair that is not here is refused. */
const BECOMES: Record<string, (before: Rank) => Rank> = {
  'moderator: undefined, admin: true': () => 'admin',
  'moderator: true, admin: true': () => 'admin',
  'moderator: true, admin: undefined': (before) => (before === 'admin' ? 'admin' : 'moderator'),
  'moderator: false, admin: undefined': () => 'nobody',
  'moderator: false, admin: false': () => 'nobody',
  'moderator: undefined, admin: false': (before) => (before === 'nobody' ? 'nobody' : 'moderator'),
  'moderator: true, admin: false': () => 'moderator',
};
const FLAGS = [undefined, true, false];
const CHANGES = FLAGS.flatMap((moderator) =>
  FLAGS.flatMap((admin) => FLAGS.map((visible) => ({ moderator, admin, visible }))),
).filter(({ moderator, admin }) => `moderator: ${moderator}, admin: ${admin}` in BECOMES);

const becomes = (before: Rank, { moderator, admin }: RoleChange): Rank =>
  BECOMES[`moderator: ${moderator}, admin: ${admin}`]!(before);
const asChange = ({ rank, visible }: Role): RoleChange =>
  rank === 'nobody' ? { moderator: false } : { [rank]: true, visible };

/** In which of the four lists of the room somebody stands, as a moderator sees them. */
async function listed(member: Member): Promise<string[]> {
  const reader = await scene.member('reader', { moderator: true });
  const lists = Object.entries(await scene.shown(reader)).filter(([name]) =>
    /moderators$|admins$/.test(name),
  );
  return lists.filter(([, ids]) => (ids as string[]).includes(member.sessionId)).map(([name]) => name);
}

const listOf = ({ rank, visible }: Role): string[] =>
  rank === 'nobody' ? [] : [`${visible ? '' : 'hidden_'}${rank}s`];

const STATES: Role[] = [
  { rank: 'nobody', visible: true },
  { rank: 'moderator', visible: true },
  { rank: 'moderator', visible: false },
  { rank: 'admin', visible: true },
  { rank: 'admin', visible: false },
];
const CASES = STATES.flatMap((before) => CHANGES.map((change) => ({ before, change })));

describe('a change of a room role', () => {
  it.each(CASES)('$before.rank (visible: $before.visible), $change', async ({ before, change }) => {
    if (before.rank !== 'nobody') await scene.appoint(ann, asChange(before));
    const counted = await infoUpdates();
    const rank = becomes(before.rank, change);
    // Visibility alone does not count; left out it is the default again: visible.
    const expected = counted + (rank === before.rank ? 0 : 1);
    expect(await scene.appoint(ann, change)).toBe(expected);
    expect(await infoUpdates()).toBe(expected);
    expect(await listed(ann)).toEqual(listOf({ rank, visible: change.visible ?? true }));
    const access = await community().access(scene.token, ann);
    expect(access).toMatchObject({ moderator: rank !== 'nobody', admin: rank === 'admin' });
  });

  it('is nothing for other rooms', async () => {
    const other = await RoomScene.of(community(), 'other');
    await scene.appoint(ann, { admin: true });
    expect(await infoUpdates(other)).toBe(0);
    expect(await community().access(other.token, ann)).toMatchObject({ moderator: false });
  });

  it('answers the counter of each room named, by the token as it was made', async () => {
    const other = await RoomScene.of(community(), 'OTHER');
    const lower = other.token.toLowerCase() as typeof other.token;
    const counters = await community().moderators.changeInRooms(
      operator(),
      ann.sessionId,
      [lower, scene.token],
      { moderator: true },
    );
    expect(Object.fromEntries(counters)).toEqual({ [other.token]: 1, [scene.token]: 1 });
  });

  it('keeps the overrides beside the role, and drops the row with the last of both', async () => {
    const rows = () =>
      community().sql<{ write: boolean | null }>(
        'SELECT write FROM permission_overrides WHERE user_id = $1',
        [ann.id],
      );
    await scene.override(ann, { write: false });
    await scene.appoint(ann, { moderator: true });
    await scene.appoint(ann, { moderator: false });
    expect(await rows()).toEqual([{ write: false }]);
    await scene.override(ann, { write: null });
    expect(await rows()).toEqual([]);
  });

  it('makes no row for somebody who gets no role', async () => {
    await scene.appoint(ann, { admin: false });
    await scene.appoint(ann, { moderator: false });
    expect(
      await community().value('SELECT count(*) FROM permission_overrides WHERE user_id = $1', [ann.id]),
    ).toBe(0);
  });

  it('may name somebody who was never here', async () => {
    const stranger = community().account(`stranger of ${scene.token}`).blindedId as SessionId;
    await scene.appoint({ ...ann, sessionId: stranger }, { moderator: true });
    expect((await scene.shown()).moderators).toEqual([stranger]);
  });

  it('is logged in each room', async () => {
    await scene.appoint(ann, { moderator: true });
    expect(await scene.logged()).toEqual(['room.create', 'moderator.set']);
  });
});

describe('a change of a global role', () => {
  const GLOBAL_CASES = CASES.filter(({ change }) => change.visible !== undefined || change.admin !== false);

  it.each(GLOBAL_CASES)('$before.rank (visible: $before.visible), $change', async ({ before, change }) => {
    if (before.rank !== 'nobody') await appointGlobally(ann, asChange(before));
    const other = await RoomScene.of(community(), 'other');
    const counted = [await infoUpdates(), await infoUpdates(other)];
    const rank = becomes(before.rank, change);
    const visible = change.visible ?? false; // left out it is the default again: hidden
    const isSame = rank === before.rank && (rank === 'nobody' || visible === before.visible);
    const counters = await appointGlobally(ann, change);
    const expected = counted.map((count) => count + (isSame ? 0 : 1));
    expect([counters.get(scene.token), counters.get(other.token)]).toEqual(expected);
    expect([await infoUpdates(), await infoUpdates(other)]).toEqual(expected);
    expect(await listed(ann)).toEqual(listOf({ rank, visible }));
  });

  it('answers the counter of every room', async () => {
    const counters = await appointGlobally(ann, { moderator: true });
    const rooms = await community().sql<{ token: string; info_updates: number }>(
      'SELECT token, info_updates FROM rooms',
    );
    expect(Object.fromEntries(counters)).toEqual(
      Object.fromEntries(rooms.map(({ token, info_updates }) => [token, info_updates])),
    );
  });
});

describe('appointing somebody banned is 403, and nothing is done,', () => {
  const refuse = async (change: () => Promise<unknown>) => {
    const before = await tableState(community());
    await expect(change()).rejects.toMatchObject({ status: 403 });
    expect(await tableState(community())).toEqual(before);
  };
  const appointments: RoleChange[] = [
    { moderator: true },
    { admin: true },
    { moderator: true, admin: false },
  ];

  it.each(appointments)('in the room of the ban: %j', async (change) => {
    await scene.ban(await scene.member('admin', { admin: true }), ann);
    await refuse(() => scene.appoint(ann, change));
  });

  it.each(appointments)('in any room with a global ban: %j', async (change) => {
    await scene.banGlobally(ann);
    await refuse(() => scene.appoint(ann, change));
    await refuse(() => appointGlobally(ann, change));
  });

  it('in all rooms when it is banned in one of them', async () => {
    const other = await RoomScene.of(community(), 'other');
    await other.ban(await other.member('admin', { admin: true }), ann);
    await refuse(() =>
      community().moderators.changeInRooms(operator(), ann.sessionId, [scene.token, other.token], {
        moderator: true,
      }),
    );
    expect(await listed(ann)).toEqual([]);
  });

  it('but they can lose a room role that a global ban left them, in whole or in part', async () => {
    await scene.appoint(ann, { admin: true }); // 1
    await scene.banGlobally(ann);
    expect(await listed(ann)).toEqual(['admins']);
    const counted = await infoUpdates();
    expect(await scene.appoint(ann, { admin: false })).toBe(counted + 1);
    expect(await listed(ann)).toEqual(['moderators']);
    expect(await scene.appoint(ann, { moderator: false })).toBe(counted + 2);
  });

  it('and taking a role that they have not is no error', async () => {
    await scene.ban(await scene.member('admin', { admin: true }), ann);
    await expect(scene.appoint(ann, { moderator: false })).resolves.toBeGreaterThan(0);
    await expect(scene.appoint(ann, { admin: false })).resolves.toBeGreaterThan(0);
    expect(await community().access(scene.token, ann)).toMatchObject({ read: false });
  });
});
