import { HousekeepingService } from '../../libs/community/housekeeping.service.js';
import { ModerationLogService } from '../../libs/community/moderation-log.service.js';
import { ModerationRulesService } from '../../libs/community/moderation-rules.service.js';
import { ScheduledChangesService } from '../../libs/community/scheduled-changes.service.js';
import { readContent } from '../../libs/protocol/content.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene } from '../support/room-scene.js';
import { runWaitingJobs } from '../support/waiting-jobs.js';

const community = allWithCommunity();

const PAGE = { limit: 256, reactors: 4 };
const SPAM = 'Buy cheap followers now, limited offer';
const DAY = 86_400;

let scene: RoomScene;
let mod: Member;
beforeEach(async () => {
  community().clock.now += 10 * DAY; // windows of other tests are over
  scene = await RoomScene.of(community(), 'automod');
  mod = await scene.member('mod', { moderator: true });
});

const rules = (change: object) =>
  community()
    .service(ModerationRulesService)
    .change(community().operator, scene.token, 'automod', () => change);
const members = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => scene.member(`member ${n}`)));
const seenBy = async (member: Member) =>
  (await community().messages.recent((await scene.as(member)).access, PAGE)).toReversed();
const textsFor = async (member: Member) =>
  (await seenBy(member)).map(({ data }) => readContent(Buffer.from(data!, 'base64'))?.body ?? bodyOf(data!));
const bodyOf = (data: string) => {
  const bytes = Buffer.from(data, 'base64');
  return readContent(bytes.subarray(0, bytes.lastIndexOf(0x80)))?.body;
};
const logged = (action?: string) =>
  community().service(ModerationLogService).list({ room: scene.token, action, limit: 100 });
const tomorrow = () => (community().clock.now += 2 * DAY);

describe('a spam wave', () => {
  const wave = async (over: object = {}) => {
    await rules({ duplicates: { copies: 3, seconds: 600, ...over } });
    const people = await members(10);
    const answers = [];
    for (let round = 0; round < 5; round++)
      for (const [at, person] of people.entries())
        answers.push(await scene.post(person, `${SPAM}${'!'.repeat(round)} ${at}${round}`));
    return answers;
  };

  it('of 50 copies by 10 people leaves three visible, and the log tells why', async () => {
    const answers = await wave();
    expect(await seenBy(mod)).toHaveLength(3);
    expect(answers.filter(({ filtered }) => filtered)).toHaveLength(47);
    const entries = await logged('message.hide');
    expect(entries).toHaveLength(47);
    expect(entries[0]).toMatchObject({
      via: 'filter',
      target: expect.stringMatching(/^15/) as string,
      detail: { rule: 'duplicates', what: 'text', copies: 50, people: 10, limit: 3 },
    });
    expect(JSON.stringify(entries)).not.toMatch(/cheap|followers/);
  });

  it('sent at once leaves no more', async () => {
    await rules({ duplicates: { copies: 3, seconds: 600 } });
    const people = await members(10);
    await Promise.all(people.flatMap((person) => Array.from({ length: 5 }, () => scene.post(person, SPAM))));
    expect(await seenBy(mod)).toHaveLength(3);
  });

  it('leaves nothing where copies are deleted, and other messages alone', async () => {
    const ann = await scene.member('ann');
    await scene.post(ann, 'Has anybody seen my fish?');
    await scene.post(mod, `They write: ${SPAM}`);
    await wave({ action: 'delete' });
    await runWaitingJobs(community());
    expect(await textsFor(mod)).toEqual(['Has anybody seen my fish?', `They write: ${SPAM}`]);
    expect(await logged('message.delete-wave')).not.toEqual([]);
  });

  it('is only recorded while the rule is tried out', async () => {
    await wave({ dryRun: true });
    expect(await seenBy(mod)).toHaveLength(50);
    expect((await logged('message.hide')).every(({ detail }) => detail['dryRun'] === true)).toBe(true);
    expect(await logged('message.hide')).toHaveLength(47);
  });

  it('is told to the moderators, by a few whispers that nobody else sees', async () => {
    await wave({ notify: true });
    const whispers = (await seenBy(mod)).filter(({ whisper_mods: forModerators }) => forModerators);
    expect(whispers.length).toBeGreaterThan(0);
    expect(whispers.length).toBeLessThanOrEqual(3);
    expect(bodyOf(whispers[0]!.data!)).toMatch(/^A message by @15[0-9a-f]{64} was hidden \(duplicates\)\.$/);
    expect(await seenBy(await scene.member('reader'))).toHaveLength(3);
  });
});

describe('a sanction', () => {
  it('mutes for a time, after which the schedule lifts it', async () => {
    await rules({ flood: { posts: 2, seconds: 60, action: 'hide', muteSeconds: 300 } });
    const ann = await scene.member('ann');
    for (let n = 0; n < 3; n++) await scene.post(ann, `number ${n}`);
    expect((await scene.as(ann)).access).toMatchObject({ read: true, write: false });
    expect(await logged('mute')).toMatchObject([
      { target: ann.sessionId, detail: { seconds: 300, reason: 'automod: flood' } },
    ]);
    community().clock.now += 301;
    await community().service(ScheduledChangesService).applyDue();
    expect((await scene.as(ann)).access.write).toBe(true);
    expect(
      await community().value('SELECT count(*) FROM permission_overrides WHERE user_id = $1', [ann.id]),
    ).toBe(0);
  });

  it('bans for a time', async () => {
    await rules({ links: { deny: ['spam.example'], action: 'delete', banSeconds: 600 } });
    const ann = await scene.member('ann');
    const post = await scene.post(ann, 'look at https://www.spam.example/now');
    expect(post).toHaveProperty('filtered', true);
    expect((await scene.as(ann)).access.read).toBe(false);
    expect(await community().value('SELECT data IS NULL FROM messages WHERE id = $1', [post.id])).toBe(true);
    community().clock.now += 601;
    await community().service(ScheduledChangesService).applyDue();
    expect((await scene.as(ann)).access.write).toBe(true);
    expect(await logged('ban')).toMatchObject([
      { via: 'worker' },
      { via: 'filter', detail: { reason: 'automod: links' } },
    ]);
  });

  it('never meets a moderator', async () => {
    await rules({ flood: { posts: 1, seconds: 60, banSeconds: 0 } });
    for (let n = 0; n < 4; n++) await scene.post(mod, `number ${n}`);
    expect(await seenBy(mod)).toHaveLength(4);
  });
});

describe('a rejecting rule', () => {
  it('says which, and stores nothing', async () => {
    await rules({ length: { charactersMax: 10 } });
    const ann = await scene.member('ann');
    await expect(scene.post(ann, 'much too long for here')).rejects.toMatchObject({
      status: 429,
      text: 'filtration rejected message (length)',
    });
    const { id } = await scene.post(ann, 'short');
    await expect(scene.edit(ann, id, 'much too long for here')).rejects.toMatchObject({ status: 429 });
    expect(await textsFor(mod)).toEqual(['short']);
  });

  it('for newcomers ends with their time here', async () => {
    await rules({ newMembers: { minutes: 30, noLinks: true } });
    const ann = await scene.member('ann');
    await scene.post(ann, 'hello');
    await expect(scene.post(ann, 'see https://example.org')).rejects.toMatchObject({ status: 429 });
    community().clock.now += 30 * 60;
    await scene.post(ann, 'see https://example.org');
    expect(await seenBy(mod)).toHaveLength(2);
  });

  it('keeps slow mode, whatever is tried in between', async () => {
    await rules({ slowMode: { seconds: 30 } });
    const ann = await scene.member('ann');
    await scene.post(ann, 'one');
    for (let n = 0; n < 4; n++) {
      community().clock.now += 6;
      await expect(scene.post(ann, 'too early')).rejects.toMatchObject({ status: 429 });
    }
    community().clock.now += 7;
    await scene.post(ann, 'two');
    expect(await textsFor(mod)).toEqual(['one', 'two']);
  });

  it('of the server counts until the room says no', async () => {
    const service = community().service(ModerationRulesService);
    const { operator } = community();
    await service.change(operator, undefined, 'automod', () => ({ mentions: { max: 0 } }));
    const ann = await scene.member('ann');
    await expect(scene.post(ann, `hi @${mod.sessionId}`)).rejects.toMatchObject({ status: 429 });
    await rules({ mentions: null });
    await scene.post(ann, `hi @${mod.sessionId}`);
    await service.change(operator, undefined, 'automod', () => ({}));
  });
});

describe('a raid', () => {
  const raid = { newcomerMinutes: 60, lockSeconds: 600, notify: true };

  it('of posts closes the room to newcomers, and it opens again by itself', async () => {
    const old = await scene.member('old');
    tomorrow();
    await rules({ raid: { ...raid, posts: { count: 6, seconds: 60 } } });
    const people = await members(4);
    for (let n = 0; n < 6; n++) await scene.post(people[n % 4]!, `raid ${n}`);
    await expect(scene.post(people[0]!, 'raid 6')).rejects.toMatchObject({ status: 429 });
    await expect(scene.post(await scene.member('new one'), 'hello')).rejects.toMatchObject({
      text: 'filtration rejected message (raid)',
    });
    await scene.post(old, 'what is going on?');
    expect(await logged('raid.begin')).toMatchObject([{ detail: { sign: 'posts', lockSeconds: 600 } }]);
    expect((await textsFor(mod)).join()).toMatch(/cannot write here for 600 seconds/);

    community().clock.now += 601;
    await scene.post(people[0]!, 'back again');
    await community().service(HousekeepingService).run();
    expect(await logged('raid')).toMatchObject([
      { action: 'raid.end', via: 'worker' },
      { action: 'raid.begin' },
    ]);
  });

  it('of joins closes it before anybody writes', async () => {
    await rules({ raid: { ...raid, joins: { count: 5, seconds: 60 } } });
    const people = await members(6);
    const { room } = (await scene.as(mod)).access;
    for (const person of people) community().activity.visited(room.id, person.id);
    await community().activity.flush();
    await expect(scene.post(people[0]!, 'hello')).rejects.toMatchObject({ status: 429 });
    expect(await logged('raid.begin')).toMatchObject([{ detail: { sign: 'joins' } }]);
  });

  it('that is only watched closes nothing', async () => {
    await rules({ raid: { ...raid, posts: { count: 2, seconds: 60 }, dryRun: true } });
    const people = await members(5);
    for (const person of people) await scene.post(person, 'hello');
    expect(await seenBy(mod)).toHaveLength(5);
    expect(await logged('raid.begin')).toMatchObject([{ detail: { dryRun: true } }]);
  });
});

describe('times of arrival', () => {
  it('are exact for a day, then to the hour', async () => {
    const ann = await scene.member('ann');
    const arrival = () => community().value<number>('SELECT created_at FROM users WHERE id = $1', [ann.id]);
    expect(await arrival()).toBe(community().clock.now);
    await community().service(HousekeepingService).run();
    expect(await arrival()).toBe(community().clock.now);
    tomorrow();
    await community().service(HousekeepingService).run();
    expect((await arrival()) % 3600).toBe(0);
  });
});
