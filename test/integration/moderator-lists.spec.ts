import type { RoomToken } from '../../libs/protocol/ids.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';

const community = eachWithCommunity();

const inRoom = (
  member: Member,
  room: RoomToken,
  change: { moderator?: boolean; admin?: boolean; visible?: boolean },
) => community().moderators.changeInRooms(community().operator, member.sessionId, [room], change);
const everywhere = (member: Member, change: { moderator?: boolean; admin?: boolean; visible?: boolean }) =>
  community().moderators.changeGlobally(community().operator, member.sessionId, change);

/** The four lists as a moderator sees them, by name. */
async function lists(room: RoomToken, ...members: Member[]) {
  const viewer = await community().member('viewer');
  await inRoom(viewer, room, { moderator: true, visible: false });
  const object = await community().rooms.object(await community().access(room, viewer));
  const names = (ids: string[] = []) =>
    ids
      .filter((id) => id !== viewer.sessionId)
      .map((id) => members.findIndex(({ sessionId }) => sessionId === id));
  return {
    admins: names(object.admins),
    moderators: names(object.moderators),
    hiddenAdmins: names(object.hidden_admins),
    hiddenModerators: names(object.hidden_moderators),
  };
}

const NOBODY = { admins: [], moderators: [], hiddenAdmins: [], hiddenModerators: [] };

describe('who is listed where', () => {
  it('room appointments are visible, global ones hidden, unless said otherwise', async () => {
    const room = await community().room('a');
    const [ann, ben, eve, joe] = await Promise.all(
      ['ann', 'ben', 'eve', 'joe'].map((name) => community().member(name)),
    );
    await inRoom(ann!, room, { moderator: true });
    await inRoom(ben!, room, { admin: true, visible: false });
    await everywhere(eve!, { moderator: true });
    await everywhere(joe!, { admin: true, visible: true });
    expect(await lists(room, ann!, ben!, eve!, joe!)).toEqual({
      moderators: [0],
      hiddenAdmins: [1],
      hiddenModerators: [2],
      admins: [3],
    });
  });

  it.each([
    { global: false, here: true, list: 'admins' },
    { global: true, here: false, list: 'hiddenAdmins' },
  ])(
    'the row in the room decides on visibility ($here), not the global flag ($global)',
    async ({ global, here, list }) => {
      const room = await community().room('a');
      const ann = await community().member('ann');
      await everywhere(ann, { admin: true, visible: global });
      await inRoom(ann, room, { moderator: true, visible: here });
      expect(await lists(room, ann)).toEqual({ ...NOBODY, [list]: [0] });
    },
  );

  it('a row in the room without a role decides nothing', async () => {
    const room = await community().room('a');
    const ann = await community().member('ann');
    await everywhere(ann, { moderator: true });
    await community().sql(
      'INSERT INTO permission_overrides (room_id, user_id, read) SELECT id, $1, true FROM rooms',
      [ann.id],
    );
    expect(await lists(room, ann)).toEqual({ ...NOBODY, hiddenModerators: [0] });
  });

  it('nobody is listed twice; the higher role counts', async () => {
    const room = await community().room('a');
    const ann = await community().member('ann');
    await everywhere(ann, { moderator: true });
    await inRoom(ann, room, { admin: true });
    expect(await lists(room, ann)).toEqual({ ...NOBODY, admins: [0] });
  });

  it('a role in another room does not show', async () => {
    const [room, other] = [await community().room('a'), await community().room('b')];
    const ann = await community().member('ann');
    await inRoom(ann, other, { admin: true });
    expect(await lists(room, ann)).toEqual(NOBODY);
  });

  it('lists are sorted by id', async () => {
    const room = await community().room('a');
    const members = await Promise.all(
      ['ann', 'ben', 'eve', 'joe', 'kim'].map((name) => community().member(name)),
    );
    for (const member of members) await inRoom(member, room, { admin: true });
    const { admins } = await community().rooms.object(await community().access(room));
    expect(admins).toEqual(members.map(({ sessionId }) => sessionId).sort());
  });

  it('hidden ones are shown to moderators only', async () => {
    const room = await community().room('a');
    const [ann, ben] = [await community().member('ann'), await community().member('ben')];
    await inRoom(ann, room, { admin: true, visible: false });
    for (const viewer of [undefined, ben]) {
      const object = await community().rooms.object(await community().access(room, viewer));
      expect(object).toMatchObject({ admins: [], moderators: [] });
      expect(Object.keys(object).filter((key) => key.startsWith('hidden'))).toEqual([]);
    }
    const seen = await community().rooms.object(await community().access(room, ann));
    expect(seen).toMatchObject({
      hidden_admins: [ann.sessionId],
      moderator: true,
      admin: true,
      default_read: true,
    });
  });

  it('the server itself is never listed', async () => {
    const room = await community().room('a');
    const { sessionId } = (
      await community().sql<{ sessionId: string }>(
        `SELECT session_id AS "sessionId" FROM users WHERE id = $1`,
        [community().operator.userId],
      )
    )[0]!;
    expect(sessionId).toMatch(/^ff/);
    expect(JSON.stringify(await community().rooms.object(await community().access(room)))).not.toContain(
      sessionId,
    );
  });
});
