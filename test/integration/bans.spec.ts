import { BansService } from '../../libs/community/bans.service.js';
import { MutesService } from '../../libs/community/mutes.service.js';
import type { RoleChange } from '../../libs/community/moderators.service.js';
import { ScheduledChangesService } from '../../libs/community/scheduled-changes.service.js';
import { ServerAuthorsService } from '../../libs/community/server-authors.service.js';
import { ServerVoiceService } from '../../libs/community/server-voice.service.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene, tableState } from '../support/room-scene.js';

const community = allWithCommunity();

let scene: RoomScene;
let mod: Member;
let admin: Member;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  mod = await scene.member('mod', { moderator: true }); // info_updates 1
  admin = await scene.member('admin', { admin: true }); // info_updates 2
  ann = await scene.member('ann');
});

const bans = () => community().service(BansService);
const actor = ({ id }: Member) => ({ userId: id, via: 'protocol' as const });
const infoUpdates = async () => (await scene.counters()).infoUpdates;
const permissions = (member: Member) => community().access(scene.token, member);
const isBanned = async (member: Pick<Member, 'sessionId'>) =>
  (await community().people.find(member.sessionId))!.banned;
const activity = (member: Member) =>
  community().value<number>('SELECT count(*) FROM room_activity WHERE user_id = $1', [member.id]);
const runWorker = () => community().service(ScheduledChangesService).applyDue();
/** Of one user: room or null, time, and what is to become of the ban. */
const scheduled = (member: Member) =>
  community().sql<{ room_id: number | null; due_at: number; banned: boolean | null; write: boolean | null }>(
    'SELECT room_id IS NULL AS global, due_at, banned, write FROM scheduled_changes WHERE user_id = $1 ORDER BY id',
    [member.id],
  );
const refuse = async (ban: () => Promise<unknown>) => {
  const before = await tableState(community());
  await expect(ban()).rejects.toMatchObject({ status: 403 });
  expect(await tableState(community())).toEqual(before);
};
const CLOSED = { accessible: false, read: false, write: false, upload: false };
const OPEN = { accessible: true, read: true, write: true, upload: true };

describe('a ban from a room', () => {
  it('takes every permission there, and none elsewhere', async () => {
    const other = await RoomScene.of(community(), 'other');
    await scene.ban(mod, ann);
    expect(await permissions(ann)).toMatchObject(CLOSED);
    expect(await community().access(other.token, ann)).toMatchObject(OPEN);
    expect(await isBanned(ann)).toBe(false);
  });

  it('of somebody without a role is nothing for info_updates', async () => {
    await scene.ban(mod, ann);
    await scene.unban(mod, ann);
    expect(await infoUpdates()).toBe(2);
  });

  it('keeps overrides, which count again afterwards', async () => {
    await scene.override(ann, { write: false });
    await scene.ban(mod, ann);
    await scene.unban(mod, ann);
    expect(await permissions(ann)).toMatchObject({ ...OPEN, write: false, upload: false });
  });

  it('removes them from the active users of that room alone', async () => {
    const other = await RoomScene.of(community(), 'other');
    for (const { token } of [scene, other])
      community().activity.visited((await community().access(token)).room.id, ann.id);
    await community().activity.flush();
    await scene.ban(mod, ann);
    expect(await activity(ann)).toBe(1);
    expect((await scene.shown()).active_users).toBe(0);
  });

  it('may be made again', async () => {
    await scene.ban(mod, ann);
    await scene.ban(mod, ann);
    expect(await permissions(ann)).toMatchObject(CLOSED);
  });

  it('in several rooms is made in all of them, or in none', async () => {
    const other = await RoomScene.of(community(), 'other');
    await other.appoint(mod, { moderator: true });
    await other.appoint(ann, { moderator: true });
    const accesses = [await community().access(scene.token, mod), await community().access(other.token, mod)];
    await refuse(() => bans().banInRooms(actor(mod), accesses, ann.sessionId, 0));
    expect(await permissions(ann)).toMatchObject(OPEN);
    await other.appoint(ann, { moderator: false });
    await bans().banInRooms(actor(mod), accesses, ann.sessionId, 0);
    for (const { token } of [scene, other])
      expect(await community().access(token, ann)).toMatchObject(CLOSED);
  });

  it('is logged, and so is its end', async () => {
    await scene.ban(mod, ann);
    await scene.unban(mod, ann);
    expect((await scene.logged()).slice(-2)).toEqual(['ban.set', 'ban.lift']);
  });

  it('is not lost when permissions of that person are set at the same moment', async () => {
    for (let round = 0; round < 10; round++) {
      const person = await scene.member(`person ${round}`);
      await Promise.all([scene.override(person, { upload: false }), scene.ban(mod, person)]);
      expect(await permissions(person)).toMatchObject(CLOSED);
    }
  });
});

describe('whom a ban strips of what', () => {
  const roles: [string, RoleChange][] = [
    ['a visible moderator', { moderator: true }],
    ['a hidden moderator', { moderator: true, visible: false }],
    ['a visible admin', { admin: true }],
    ['a hidden admin', { admin: true, visible: false }],
  ];

  it.each(roles)('%s loses the role, which counts once', async (_, role) => {
    await scene.appoint(ann, role);
    const before = await infoUpdates();
    await scene.ban(admin, ann);
    expect(await infoUpdates()).toBe(before + 1);
    expect(await permissions(ann)).toMatchObject({ ...CLOSED, moderator: false, admin: false });
    await scene.unban(admin, ann);
    expect(await permissions(ann)).toMatchObject({ ...OPEN, moderator: false, admin: false });
    expect(await infoUpdates()).toBe(before + 1);
  });

  it.each(roles)('%s cannot be banned by a moderator', async (_, role) => {
    await scene.appoint(ann, role);
    await refuse(() => scene.ban(mod, ann));
  });

  it.each(roles)('%s can be banned by a global admin, and not by a global moderator', async (_, role) => {
    await scene.appoint(ann, role);
    const [moderator, globalAdmin] = [
      await scene.globalMember('global moderator', { moderator: true }),
      await scene.globalMember('global admin', { admin: true }),
    ];
    await refuse(() => scene.ban(moderator, ann));
    await scene.ban(globalAdmin, ann);
    expect(await permissions(ann)).toMatchObject(CLOSED);
  });

  it.each<[string, RoleChange]>([
    ['moderator', { moderator: true }],
    ['admin', { admin: true }],
  ])('a global %s cannot be banned by anybody, anywhere', async (_, role) => {
    const [target, globalAdmin] = [
      await scene.globalMember('target', role),
      await scene.globalMember('global admin', { admin: true }),
    ];
    for (const by of [mod, admin, globalAdmin]) await refuse(() => scene.ban(by, target));
    await refuse(() => bans().banGlobally(actor(globalAdmin), target.sessionId, 0));
  });

  it('nobody can ban themselves, under whichever id', async () => {
    for (const by of [mod, admin])
      for (const sessionId of [by.sessionId, by.account.sessionId as SessionId])
        await refuse(() => scene.ban(by, { sessionId }));
    const globalAdmin = await scene.globalMember('global admin', { admin: true });
    await refuse(() => bans().banGlobally(actor(globalAdmin), globalAdmin.sessionId, 0));
  });
});

describe('the server itself', () => {
  /** Under a name that no rule has any more. */
  const author = async (): Promise<SessionId> => {
    const words = { profileName: 'Lifeguard', text: 'No running!' };
    const { access } = await scene.as(admin);
    await community().service(ServerVoiceService).say(access.room.id, words, {});
    const [row] = await community().sql<{ session_id: SessionId }>(
      'SELECT session_id FROM users JOIN messages ON author_id = users.id',
    );
    return row!.session_id;
  };

  it('is neither banned nor muted as the author of what it writes', async () => {
    const sessionId = await author();
    const refusal = { status: 400, text: expect.stringMatching(/^This is the server itself/) };
    const { access } = await scene.as(admin);
    await expect(bans().banInRooms(actor(admin), [access], sessionId, 0)).rejects.toMatchObject(refusal);
    await expect(bans().banGlobally(actor(admin), sessionId, 0)).rejects.toMatchObject(refusal);
    const muted = community().service(MutesService).mute(actor(admin), access, sessionId);
    await expect(muted).rejects.toMatchObject(refusal);
    expect(await isBanned({ sessionId })).toBe(false);
  });

  it('is nobody who only calls themselves like it', async () => {
    await author();
    const authors = community().service(ServerAuthorsService);
    expect(authors.wrote(ann.sessionId, { displayName: 'Lifeguard', attachments: [] })).toBe(false);
    expect(await authors.includes(ann)).toBe(false);
  });
});

describe('a ban from the server', () => {
  it('closes every room, and is nothing for info_updates', async () => {
    await scene.banGlobally(ann);
    expect(await isBanned(ann)).toBe(true);
    expect(await permissions(ann)).toMatchObject(CLOSED);
    expect(await infoUpdates()).toBe(2);
    await bans().unbanGlobally(community().operator, ann.sessionId);
    expect(await permissions(ann)).toMatchObject(OPEN);
    expect(await infoUpdates()).toBe(2);
  });

  it('leaves room roles and their listing alone', async () => {
    await scene.banGlobally(mod);
    expect((await scene.shown()).moderators).toEqual([mod.sessionId]);
    expect(await isBanned(mod)).toBe(true);
  });

  it('removes them from the active users of every room', async () => {
    const other = await RoomScene.of(community(), 'other');
    for (const { token } of [scene, other])
      community().activity.visited((await community().access(token)).room.id, ann.id);
    await community().activity.flush();
    await scene.banGlobally(ann);
    expect(await activity(ann)).toBe(0);
  });

  it('and a ban from a room end separately', async () => {
    await scene.ban(mod, ann);
    await scene.banGlobally(ann);
    await scene.unban(mod, ann);
    expect(await isBanned(ann)).toBe(true);
    await scene.ban(mod, ann);
    await bans().unbanGlobally(community().operator, ann.sessionId);
    expect(await permissions(ann)).toMatchObject(CLOSED);
  });
});

describe.each(['blinded', 'unblinded'] as const)('somebody who was never here, by the %s id,', (kind) => {
  const stranger = () => {
    const account = community().account(`stranger of ${scene.token}`);
    const id = kind === 'blinded' ? account.blindedId : account.sessionId;
    return { account, sessionId: id as SessionId };
  };

  it('can be banned from a room before they arrive', async () => {
    const { account, sessionId } = stranger();
    await scene.ban(mod, { sessionId });
    const { id } = await community().people.arrive(account.blindedId as SessionId);
    expect(await permissions({ account, id, sessionId: account.blindedId as SessionId })).toMatchObject(
      CLOSED,
    );
  });

  it('can be banned from the server before they arrive', async () => {
    const { account, sessionId } = stranger();
    await bans().banGlobally(community().operator, sessionId, 0);
    expect(await community().people.arrive(account.blindedId as SessionId)).toMatchObject({ banned: true });
  });

  it('is unbanned without an error and without a trace', async () => {
    const { sessionId } = stranger();
    const before = await tableState(community());
    await scene.unban(mod, { sessionId });
    await bans().unbanGlobally(actor(admin), sessionId);
    expect(await tableState(community())).toEqual(before);
  });

  it('can be unbanned before they arrive', async () => {
    const { account, sessionId } = stranger();
    await scene.ban(mod, { sessionId });
    await bans().banGlobally(community().operator, sessionId, 0);
    await scene.unban(mod, { sessionId });
    await bans().unbanGlobally(community().operator, sessionId);
    const { id, banned } = await community().people.arrive(account.blindedId as SessionId);
    expect(banned).toBe(false);
    expect(await permissions({ account, id, sessionId: account.blindedId as SessionId })).toMatchObject(OPEN);
  });
});

describe('lifting a ban', () => {
  it('that is not there is no error and changes nothing', async () => {
    const before = await tableState(community());
    await scene.unban(mod, ann);
    await bans().unbanGlobally(actor(admin), ann.sessionId);
    expect(await tableState(community())).toEqual(before);
  });

  it('leaves nothing in the table of overrides', async () => {
    await scene.ban(mod, ann);
    await scene.unban(mod, ann);
    expect(
      await community().value('SELECT count(*) FROM permission_overrides WHERE user_id = $1', [ann.id]),
    ).toBe(0);
  });
});

describe.each(['room', 'global'] as const)('a %s ban with a timeout', (where) => {
  const isGlobal = where === 'global';
  const ban = (timeout: number) =>
    isGlobal ? bans().banGlobally(actor(admin), ann.sessionId, timeout) : scene.ban(mod, ann, timeout);
  const unban = () => (isGlobal ? bans().unbanGlobally(actor(admin), ann.sessionId) : scene.unban(mod, ann));
  const isOver = async () => (await permissions(ann)).read;

  it('ends when its time has come', async () => {
    await ban(60.5);
    expect(await scheduled(ann)).toEqual([
      { global: isGlobal, due_at: community().clock.now + 60.5, banned: false, write: null },
    ]);
    community().clock.now += 60;
    await runWorker();
    expect(await isOver()).toBe(false);
    community().clock.now += 0.5;
    await runWorker();
    expect(await isOver()).toBe(true);
    expect(await scheduled(ann)).toEqual([]);
  });

  it('below zero ends at the worker’s next run, not before', async () => {
    await ban(-5);
    expect(await isOver()).toBe(false);
    await runWorker();
    expect(await isOver()).toBe(true);
  });

  it.each([1e10, 1e300])('of %d seconds ends where calendars do, so that it can be told', async (seconds) => {
    await ban(seconds);
    expect(await scheduled(ann)).toMatchObject([
      { due_at: Math.min(community().clock.now + seconds, 253_402_300_799) },
    ]);
  });

  it('of zero does not end by itself', async () => {
    await ban(0);
    expect(await scheduled(ann)).toEqual([]);
  });

  it('is replaced by the next ban, with or without one', async () => {
    await ban(60);
    await ban(600);
    expect(await scheduled(ann)).toMatchObject([{ due_at: community().clock.now + 600 }]);
    await ban(0);
    expect(await scheduled(ann)).toEqual([]);
    community().clock.now += 1000;
    await runWorker();
    expect(await isOver()).toBe(false);
  });

  it('leaves nothing scheduled when it is lifted before', async () => {
    await ban(60);
    await unban();
    expect(await scheduled(ann)).toEqual([]);
    await ban(0);
    community().clock.now += 1000;
    await runWorker();
    expect(await isOver()).toBe(false);
  });

  it('leaves other things that are scheduled alone', async () => {
    await scene.schedule(ann, { write: false }, 100);
    await ban(60);
    await unban();
    expect(await scheduled(ann)).toMatchObject([{ global: false, write: false }]);
  });
});

it('timeouts of a room and of the server are scheduled separately', async () => {
  await scene.ban(mod, ann, 60);
  await bans().banGlobally(actor(admin), ann.sessionId, 600);
  expect(await scheduled(ann)).toMatchObject([{ global: false }, { global: true }]);
  await scene.unban(mod, ann);
  expect(await scheduled(ann)).toMatchObject([{ global: true }]);
});
