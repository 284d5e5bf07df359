import type { RoomToken } from '../../libs/protocol/ids.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';

const LIMITED = { status: 429, text: 'Rate limited' };

describe('the post rate', () => {
  const community = eachWithCommunity();
  let room: RoomToken;
  let ann: Member;
  beforeEach(async () => {
    room = await community().room('lobby');
    ann = await community().member('ann');
  });
  const post = (member = ann, to = room) => community().post(to, member, 'hello');
  const posts = async (n: number, member = ann) => {
    for (let i = 0; i < n; i++) await post(member);
  };
  const stored = () => community().value<number>('SELECT count(*) FROM messages');

  it('is five in sixteen seconds, and a refused post takes nothing', async () => {
    await posts(5);
    community().clock.now += 16;
    await expect(post()).rejects.toMatchObject(LIMITED);
    expect(await community().value('SELECT message_sequence FROM rooms')).toBe(5);
    community().clock.now += 0.001;
    await posts(5);
    await expect(post()).rejects.toMatchObject(LIMITED);
  });

  it('holds for posts that come at the same moment', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => post()));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(await stored()).toBe(5);
  });

  it('is counted by room and by user', async () => {
    await posts(5);
    await expect(post(await community().member('ben'))).resolves.toBeDefined();
    await expect(post(ann, await community().room('other'))).resolves.toBeDefined();
    await expect(post()).rejects.toMatchObject(LIMITED);
  });

  it('counts posts that were deleted since', async () => {
    await posts(4);
    const { id } = await post();
    await community().deletions.deleteOne(
      await community().identity(ann),
      await community().access(room, ann),
      id,
    );
    await expect(post()).rejects.toMatchObject(LIMITED);
  });

  it.each([
    { who: 'room admin', limited: false, global: false, change: { admin: true } },
    { who: 'global admin', limited: false, global: true, change: { admin: true } },
    { who: 'room moderator', limited: true, global: false, change: { moderator: true } },
    { who: 'global moderator', limited: true, global: true, change: { moderator: true } },
  ])('for a $who: limited is $limited', async ({ limited, global, change }) => {
    const { moderators, operator } = community();
    if (global) await moderators.changeGlobally(operator, ann.sessionId, change);
    else await moderators.changeInRooms(operator, ann.sessionId, [room], change);
    await posts(5);
    if (limited) await expect(post()).rejects.toMatchObject(LIMITED);
    else await expect(post()).resolves.toBeDefined();
  });

  it('may be the room’s own', async () => {
    await community().sql('UPDATE rooms SET rate_limit_posts = 1, rate_limit_window_seconds = 100');
    await posts(1);
    community().clock.now += 100;
    await expect(post()).rejects.toMatchObject(LIMITED);
    community().clock.now += 1;
    await posts(1);
  });

  it('may be no limit at all', async () => {
    await community().sql('UPDATE rooms SET rate_limit_posts = 0');
    await posts(12);
    expect(await stored()).toBe(12);
  });

  it('does not count what failed to be stored', async () => {
    await posts(4);
    await community().sql('ALTER TABLE messages ADD CONSTRAINT full_up CHECK (false) NOT VALID');
    for (let i = 0; i < 3; i++) await expect(post()).rejects.toThrow('full_up');
    await community().sql('ALTER TABLE messages DROP CONSTRAINT full_up');
    await posts(1);
    await expect(post()).rejects.toMatchObject(LIMITED);
  });

  it('does not count what was refused before', async () => {
    const bad = { signature: Buffer.alloc(64) };
    for (let i = 0; i < 6; i++)
      await expect(community().post(room, ann, bad)).rejects.toMatchObject({ status: 400 });
    for (let i = 0; i < 6; i++)
      await expect(community().post(room, ann, { whisper_mods: true })).rejects.toMatchObject({
        status: 403,
      });
    await posts(5);
  });

  it('is not asked for edits', async () => {
    const { id } = await post();
    for (let i = 0; i < 8; i++) {
      const data = Buffer.from(`edit ${i}`);
      const edit = { data, signature: ann.account.signBlinded(data) };
      await community().posts.edit(
        await community().identity(ann),
        await community().access(room, ann),
        id,
        edit,
      );
    }
    await posts(4);
  });
});

describe('with the signature check turned off', () => {
  const community = eachWithCommunity({ config: { verifyMessageSignatures: false } });

  it('a post is taken with any signature', async () => {
    const room = await community().room('lobby');
    const ann = await community().member('ann');
    await expect(community().post(room, ann, { signature: Buffer.alloc(64, 1) })).resolves.toMatchObject({
      seqno: 1,
    });
  });
});
