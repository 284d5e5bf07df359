import { BansService } from '../../libs/community/bans.service.js';
import { DirectMessagesService } from '../../libs/community/direct-messages.service.js';
import { ModerationLogService } from '../../libs/community/moderation-log.service.js';
import { ModerationRulesService } from '../../libs/community/moderation-rules.service.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene } from '../support/room-scene.js';

const community = eachWithCommunity();

const MINUTE = 60;
const DAY = 86_400;

let scene: RoomScene;
let ann: Member;
let ben: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  [ann, ben] = [await community().member('ann'), await community().member('ben')];
});

const service = () => community().service(DirectMessagesService);
const rule = (directMessages: object) =>
  community()
    .service(ModerationRulesService)
    .change(community().operator, undefined, 'automod', () => ({ directMessages }));
const send = async (from: Member, to: { sessionId: SessionId }) =>
  service().send(await community().identity(from), to.sessionId, Buffer.from('sealed'));
const ids = async (owner: Member, box: 'inbox' | 'outbox') => {
  const page = { sinceId: 0, limit: 100 };
  return (await service().list(await community().identity(owner), box, page)).map(({ id }) => id);
};
const logged = () => community().service(ModerationLogService).list({ action: 'direct-message', limit: 100 });

/** Sends one, and says whether it came to its recipient; to its sender both must look the same. */
async function arrives(from: Member, to: Member): Promise<boolean> {
  const sent = await send(from, to);
  expect(sent).toMatchObject({ id: expect.any(Number) as number, recipient: to.sessionId });
  expect(await ids(from, 'outbox')).toContain(sent.id);
  return (await ids(to, 'inbox')).includes(sent.id);
}

describe('direct messages', () => {
  it('are free without rules', async () => expect(await arrives(ann, ben)).toBe(true));

  it('of newcomers are swallowed, until they wrote enough or were here long enough', async () => {
    await rule({ minPosts: 2, minMinutes: 30 });
    expect(await arrives(ann, ben)).toBe(false);
    expect(await logged()).toMatchObject([
      { target: ann.sessionId, via: 'filter', detail: { what: 'new sender' } },
    ]);
    await scene.post(ann);
    await scene.post(ann);
    expect(await arrives(ann, ben)).toBe(true);
    const eve = await community().member('eve');
    expect(await arrives(eve, ben)).toBe(false);
    community().clock.now += 30 * MINUTE;
    expect(await arrives(eve, ben)).toBe(true);
  });

  it('go to a few new people a day, and on to those who know the sender', async () => {
    await rule({ newRecipientsPerDayMax: 2 });
    const people = await Promise.all(['a', 'b', 'c'].map((name) => community().member(name)));
    expect(await Promise.all(people.slice(0, 2).map((to) => arrives(ann, to)))).toEqual([true, true]);
    expect(await arrives(ann, people[2]!)).toBe(false);
    expect(await arrives(ann, people[0]!)).toBe(true);
    community().clock.now += DAY + 1;
    expect(await arrives(ann, ben)).toBe(true);
  });

  it('sent at once know of each other', async () => {
    await rule({ newRecipientsPerDayMax: 2 });
    const people = await Promise.all(Array.from({ length: 8 }, (_, n) => community().member(`to ${n}`)));
    await Promise.all(people.map((to) => send(ann, to)));
    const inboxes = await Promise.all(people.map((to) => ids(to, 'inbox')));
    expect(inboxes.flat()).toHaveLength(2);
  });

  it('of somebody banned in any room are swallowed, answers too', async () => {
    await rule({ noBannedSenders: true });
    expect(await arrives(ann, ben)).toBe(true);
    const mod = await scene.member('mod', { moderator: true });
    const { access } = await scene.as(mod);
    const actor = { userId: mod.id, via: 'protocol' } as const;
    await community().service(BansService).banInRooms(actor, [access], ann.sessionId, 0);
    expect(await arrives(ann, ben)).toBe(false);
  });

  it('that answer are let through', async () => {
    await send(ben, ann);
    await rule({ minMinutes: 30 });
    expect(await arrives(ann, ben)).toBe(true);
  });

  it('from and to moderators are free', async () => {
    const mod = await scene.member('mod', { moderator: true });
    const global = await scene.globalMember('global', { moderator: true });
    await rule({ minMinutes: 30 });
    expect([await arrives(mod, ben), await arrives(ann, mod)]).toEqual([true, true]);
    expect([await arrives(global, ben), await arrives(ann, global)]).toEqual([true, true]);
  });

  it('are delivered while a rule is tried out, and the log says what would have been', async () => {
    await rule({ minMinutes: 30, dryRun: true });
    expect(await arrives(ann, ben)).toBe(true);
    expect(await logged()).toMatchObject([{ detail: { dryRun: true } }]);
  });

  it('that were swallowed leave the outbox when the recipient clears the inbox, who had none', async () => {
    await rule({ minMinutes: 30 });
    await arrives(ann, ben);
    expect(await service().deleteReceived(await community().identity(ben))).toBe(0);
    expect(await ids(ann, 'outbox')).toEqual([]);
  });
});
