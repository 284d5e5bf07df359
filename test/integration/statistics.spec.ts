import { BansService } from '../../libs/community/bans.service.js';
import { HousekeepingService } from '../../libs/community/housekeeping.service.js';
import { StatisticsRecorder } from '../../libs/community/statistics/statistics-recorder.js';
import {
  DAYS_KEPT_DAYS,
  HOURS_KEPT_DAYS,
  POINTS_MAX,
  StatisticsService,
  type SeriesAnswer,
  type Step,
} from '../../libs/community/statistics/statistics.service.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import { RoomScene } from '../support/room-scene.js';
import { communityOn, eachWithCommunity, type Member } from '../support/scratch-community.js';

const community = eachWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });
const HOUR = 3600;
const DAY = 24 * HOUR;
/** The beginning of a day (UTC). */
const MIDNIGHT = 1_699_920_000;
const NOON = MIDNIGHT + 12 * HOUR;

let scene: RoomScene;
let ann: Member;
let ben: Member;
beforeEach(async () => {
  community().clock.now = NOON + 60;
  scene = await RoomScene.of(community(), 'counted');
  [ann, ben] = [await scene.member('ann'), await scene.member('ben')];
});

const statistics = () => community().service(StatisticsService);
const recorder = () => community().service(StatisticsRecorder);
const series = (
  over: { room?: RoomToken; step?: Step; from?: number; to?: number } = {},
): Promise<SeriesAnswer> =>
  statistics().series({ step: 'hour', from: MIDNIGHT, to: MIDNIGHT + DAY, ...over });
/** All of what has been collected, wherever it is. */
async function collect(): Promise<void> {
  community().clock.now += 61;
  await community().activity.flush();
  await recorder().flush();
  await statistics().keep();
}
const poll = async (member: Member) => {
  const { room } = await community().access(scene.token, member);
  await community().messages.since(
    await community().access(scene.token, member),
    { limit: 100, reactors: 0 },
    { seqno: room.messageSequence, reactionChanges: true },
  );
  community().activity.visited(room.id, member.id);
};
/** Twenty-four zeros but at these hours. */
const hours = (given: Record<number, number>) => Array.from({ length: 24 }, (_, hour) => given[hour] ?? 0);

describe('statistics', () => {
  it('count posts by hour, in their room and on the server', async () => {
    const other = await RoomScene.of(community(), 'other');
    await scene.post(ann);
    await scene.post(ben);
    await other.post(await other.member('cid'));
    await collect();
    community().clock.now += 2 * HOUR;
    await scene.post(ann);
    await collect();
    expect((await series({ room: scene.token })).series.posts).toEqual(hours({ 12: 2, 14: 1 }));
    expect((await series({ room: other.token })).series.posts).toEqual(hours({ 12: 1 }));
    expect((await series()).series.posts).toEqual(hours({ 12: 3, 14: 1 }));
  });

  it('count looks that found nothing as polls, and those that found something not', async () => {
    await poll(ann);
    await poll(ann);
    await poll(ben);
    await scene.post(ann);
    await scene.since(0);
    await collect();
    expect((await series({ room: scene.token })).series.polls).toEqual(hours({ 12: 3 }));
  });

  it('count files and their bytes', async () => {
    await scene.upload(ann, { bytes: Buffer.alloc(1000) });
    await scene.upload(ben, { bytes: Buffer.alloc(24) });
    await collect();
    const { files, fileBytes } = (await series()).series;
    expect([files, fileBytes]).toEqual([hours({ 12: 2 }), hours({ 12: 1024 })]);
  });

  it('count everybody once an hour, once a day, and once on the server', async () => {
    const other = await RoomScene.of(community(), 'other');
    for (const member of [ann, ann, ben]) await poll(member);
    community().activity.visited((await community().access(other.token)).room.id, ann.id);
    await collect();
    community().clock.now += HOUR;
    await poll(ann);
    await collect();
    expect((await series({ room: scene.token })).series.activeUsers).toEqual(hours({ 12: 2, 13: 1 }));
    expect((await series()).series.activeUsers).toEqual(hours({ 12: 2, 13: 1 }));
    expect((await series({ step: 'day' })).series.activeUsers).toEqual([2]);
  });

  it('count what moderators do, by kind, and that of the whole server too', async () => {
    await scene.ban(await scene.member('mod', { admin: true }), ann);
    await community().service(BansService).banGlobally(community().operator, ben.sessionId, 0);
    await collect();
    const { moderation, series: ofRoom } = await series({ room: scene.token });
    expect(ofRoom.moderation).toEqual(hours({ 12: 3 }));
    expect(moderation).toEqual({
      'ban.set': hours({ 12: 1 }),
      'moderator.set': hours({ 12: 1 }),
      'room.create': hours({ 12: 1 }),
    });
    expect((await series()).moderation!['ban.set']).toEqual(hours({ 12: 2 }));
  });

  it('say days as well as hours', async () => {
    await scene.post(ann);
    await collect();
    community().clock.now += DAY;
    await scene.post(ann);
    await scene.post(ann);
    await collect();
    const days = await series({ step: 'day', to: MIDNIGHT + 3 * DAY });
    expect(days).toMatchObject({ from: MIDNIGHT, step: 'day', series: { posts: [1, 2, 0] } });
  });

  it('are the sum of all processes', async () => {
    const second = await communityOn(community().url);
    second.clock.now = community().clock.now;
    await RoomScene.at(second, scene.token).post(ann);
    await scene.post(ben);
    await Promise.all([recorder().flush(), second.service(StatisticsRecorder).flush()]);
    await second.close();
    expect((await series()).series.posts).toEqual(hours({ 12: 2 }));
  });

  it('that cannot be written wait, and are written once', async () => {
    await scene.post(ann);
    await community().sql('ALTER TABLE statistics ADD CONSTRAINT frozen CHECK (false) NOT VALID');
    await recorder().flush();
    await scene.post(ann);
    await community().sql('ALTER TABLE statistics DROP CONSTRAINT frozen');
    await recorder().flush();
    await recorder().flush();
    expect((await series()).series.posts).toEqual(hours({ 12: 2 }));
  });

  it('are counted without a statement, and written with one', async () => {
    const before = community().database.statementCounts.get('statistics.add') ?? 0;
    for (let count = 0; count < 20; count++) await poll(ann);
    expect(community().database.statementCounts.get('statistics.add') ?? 0).toBe(before);
    await recorder().flush();
    await recorder().flush();
    expect(community().database.statementCounts.get('statistics.add')).toBe(before + 1);
  });

  it('come to the same numbers when they are counted again', async () => {
    for (const member of [ann, ben]) await poll(member);
    await scene.ban(await scene.member('mod', { admin: true }), ann);
    await collect();
    const once = await series();
    await collect();
    expect(await series()).toEqual(once);
  });

  it('of somebody banned, who is no active user any more, stay what they were', async () => {
    await poll(ann);
    await collect();
    await scene.banGlobally(ann);
    await collect();
    expect((await series()).series.activeUsers).toEqual(hours({ 12: 1 }));
  });

  it('are written when the server stops', async () => {
    await scene.post(ann);
    await recorder().onApplicationShutdown();
    expect((await series()).series.posts).toEqual(hours({ 12: 1 }));
  });

  it('go with their room, and those of the server stay', async () => {
    const { room } = await community().access(scene.token);
    await scene.post(ann);
    await collect();
    await scene.post(ann);
    await community().rooms.delete(community().operator, scene.token);
    await collect();
    expect(await community().value('SELECT count(*) FROM statistics WHERE room_id = $1', [room.id])).toBe(0);
    expect((await series()).series.posts).toEqual(hours({ 12: 2 }));
  });

  it('of hours are forgotten before those of days, by housekeeping', async () => {
    await scene.post(ann);
    await collect();
    const stored = () =>
      community().sql('SELECT DISTINCT step_hours AS step FROM statistics WHERE posts > 0');
    community().clock.now = NOON + (HOURS_KEPT_DAYS - 1) * DAY;
    await community().service(HousekeepingService).run();
    expect(await stored()).toHaveLength(2);
    community().clock.now = NOON + (HOURS_KEPT_DAYS + 1) * DAY;
    expect((await community().service(HousekeepingService).run()).statistics).toBeGreaterThan(0);
    expect(await stored()).toEqual([{ step: 24 }]);
    community().clock.now = NOON + (DAYS_KEPT_DAYS + 2) * DAY;
    await community().service(HousekeepingService).run();
    expect(await stored()).toEqual([]);
  });

  it('hold nothing about a person', async () => {
    await scene.post(ann);
    await scene.ban(await scene.member('mod', { admin: true }), ann);
    await collect();
    const all = JSON.stringify(await community().sql('SELECT * FROM statistics'));
    expect(all).toContain('ban.set');
    expect(all).not.toContain(ann.sessionId);
  });
});

describe('a series', () => {
  it('has only what was asked for', async () => {
    const answer = await statistics().series({ series: ['posts'], step: 'day', from: NOON, to: NOON + 1 });
    expect(answer).toEqual({ from: MIDNIGHT, step: 'day', series: { posts: [0] } });
  });

  it.each([
    ['no time at all', NOON, NOON - HOUR],
    ['more than can be shown', NOON, NOON + (POINTS_MAX + 1) * HOUR],
    ['times that are none', Number.NaN, NOON],
  ])('of %s is refused', async (_, from, to) => {
    await expect(series({ from, to })).rejects.toMatchObject({ status: 400 });
  });

  it('of a room that is not there is refused', async () => {
    await expect(series({ room: 'nowhere' as RoomToken })).rejects.toMatchObject({ status: 404 });
  });
});
