import { PermissionsService } from '../../libs/community/permissions.service.js';
import type { SessionId } from '../../libs/protocol/ids.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene } from '../support/room-scene.js';

const community = allWithCommunity();

let scene: RoomScene;
let admin: Member;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  admin = await scene.member('admin', { admin: true }); // info_updates 1
  ann = await scene.member('ann');
});

const NOTHING = { read: null, accessible: null, write: null, upload: null };
const NO_ROLE = { banned: false, moderator: false, admin: false, visibleMod: true };
const service = () => community().service(PermissionsService);
const access = (member?: Member) => community().access(scene.token, member);
const of = async ({ sessionId }: Pick<Member, 'sessionId'>) => service().of(await access(), sessionId);
const rowCount = () =>
  community().value<number>('SELECT count(*) FROM permission_overrides WHERE user_id = $1', [ann.id]);
const scheduled = async ({ sessionId }: Pick<Member, 'sessionId'> = ann) =>
  service().scheduled(await access(), sessionId);

describe('permissions of one user', () => {
  it('are set, kept while others are set, and dropped one by one', async () => {
    expect(await scene.override(ann, { read: true, write: false })).toMatchObject({
      ...NOTHING,
      read: true,
      write: false,
    });
    expect(await scene.override(ann, { upload: false })).toMatchObject({
      ...NOTHING,
      read: true,
      write: false,
      upload: false,
    });
    expect(await scene.override(ann, { write: null })).toMatchObject({
      read: true,
      write: null,
      upload: false,
    });
    expect(await of(ann)).toEqual({
      ...NO_ROLE,
      ...NOTHING,
      read: true,
      upload: false,
      sessionId: ann.sessionId,
    });
  });

  it.each(['read', 'accessible', 'write', 'upload'] as const)(
    'leave no row when the last one, %s, is dropped',
    async (flag) => {
      await scene.override(ann, { [flag]: true });
      expect(await rowCount()).toBe(1);
      expect(await scene.override(ann, { [flag]: null })).toEqual({ ...NO_ROLE, ...NOTHING });
      expect(await rowCount()).toBe(0);
      expect(await of(ann)).toBeUndefined();
    },
  );

  it('leave no row where there was none', async () => {
    expect(await scene.override(ann, { read: null })).toEqual({ ...NO_ROLE, ...NOTHING });
    expect(await rowCount()).toBe(0);
  });

  it('are kept also when they equal the room’s default, which may change', async () => {
    await scene.override(ann, { write: true });
    await community().rooms.update(community().operator, scene.token, { defaultWrite: false });
    expect(await access(ann)).toMatchObject({ write: true });
  });

  it('count in force at once, and never in info_updates', async () => {
    await scene.override(ann, { write: false, read: false, accessible: false });
    expect(await access(ann)).toMatchObject({ accessible: false, read: false, write: false, upload: false });
    expect((await scene.counters()).infoUpdates).toBe(1);
  });

  it('are nothing for other rooms and other people', async () => {
    const [other, ben] = [await RoomScene.of(community(), 'other'), await scene.member('ben')];
    await scene.override(ann, { read: false });
    expect(await access(ben)).toMatchObject({ read: true });
    expect(await community().access(other.token, ann)).toMatchObject({ read: true });
  });

  it('leave a ban and a role as they are', async () => {
    const mod = await scene.member('mod', { moderator: true });
    await scene.ban(admin, ann);
    for (const person of [ann, mod]) await scene.override(person, { write: false });
    expect(await of(ann)).toMatchObject({ banned: true, write: false });
    expect(await of(mod)).toMatchObject({ moderator: true, write: false });
  });

  it('may be those of somebody who was never here', async () => {
    const sessionId = community().account(`stranger of ${scene.token}`).blindedId as SessionId;
    await scene.override({ sessionId }, { read: false });
    expect(await of({ sessionId })).toMatchObject({ read: false });
  });

  it('are not there for somebody never heard of, who does not come into being by being asked for', async () => {
    const sessionId = community().account(`stranger of ${scene.token}`).blindedId as SessionId;
    expect(await of({ sessionId })).toBeUndefined();
    expect(await scheduled({ sessionId })).toEqual([]);
    expect(await community().people.find(sessionId)).toBeUndefined();
  });

  it('are logged', async () => {
    await scene.override(ann, { read: false });
    expect((await scene.logged()).at(-1)).toBe('permissions.set');
  });

  it('that are set at the same moment are all set', async () => {
    await Promise.all([
      scene.override(ann, { read: false }),
      scene.override(ann, { write: false }),
      scene.override(ann, { upload: false }),
      scene.override(ann, { accessible: false }),
    ]);
    const all = { read: false, write: false, upload: false, accessible: false };
    expect(await of(ann)).toMatchObject(all);
  });

  it('cannot be set in a room that was deleted meanwhile', async () => {
    const before = await access();
    await community().rooms.delete(community().operator, scene.token);
    const { operator } = community();
    const change = { change: { read: false }, unschedule: true };
    await expect(service().change(operator, before, ann.sessionId, change)).rejects.toMatchObject({
      status: 404,
    });
    const plan = { flags: { read: false }, inSeconds: 5 };
    await expect(service().scheduleChange(operator, before, ann.sessionId, plan)).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('the list of permissions', () => {
  it('has everybody with an override, a ban or a role, by id, and nobody else', async () => {
    const [ben, eve] = [await scene.member('ben'), await scene.member('eve')];
    const hidden = await scene.member('hidden', { moderator: true, visible: false });
    await scene.globalMember('global', { admin: true });
    await scene.override(ann, { write: false });
    await scene.ban(admin, ben);
    await scene.override(eve, { write: false });
    await scene.override(eve, { write: null });
    const expected = [
      { ...NO_ROLE, ...NOTHING, sessionId: admin.sessionId, moderator: true, admin: true },
      { ...NO_ROLE, ...NOTHING, sessionId: ann.sessionId, write: false },
      { ...NO_ROLE, ...NOTHING, sessionId: ben.sessionId, banned: true },
      { ...NO_ROLE, ...NOTHING, sessionId: hidden.sessionId, moderator: true, visibleMod: false },
    ].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
    expect(await service().list(await access())).toEqual(expected);
  });
});

describe('a scheduled change', () => {
  it('is listed by time, for the user and for the room', async () => {
    const ben = await scene.member('ben');
    const now = community().clock.now;
    const none = { read: null, write: null, upload: null, banned: null, toDefault: false };
    await scene.schedule(ann, { write: true, upload: false }, 100);
    await scene.schedule(ben, { read: true }, 75.5);
    const ofAnn = [
      { ...none, sessionId: ann.sessionId, dueAt: now + 50, read: false },
      { ...none, sessionId: ann.sessionId, dueAt: now + 100, write: true, upload: false },
    ];
    expect(await scene.schedule(ann, { read: false }, 50)).toEqual(ofAnn);
    expect(await scheduled()).toEqual(ofAnn);
    expect(await service().scheduled(await access(), undefined)).toEqual([
      ofAnn[0],
      { ...none, sessionId: ben.sessionId, dueAt: now + 75.5, read: true },
      ofAnn[1],
    ]);
  });

  it('is nothing for other rooms', async () => {
    const other = await RoomScene.of(community(), 'other');
    await scene.schedule(ann, { read: false }, 50);
    expect(await service().scheduled(await community().access(other.token), undefined)).toEqual([]);
  });

  it('changes nothing yet, is logged, and never counts in info_updates', async () => {
    await scene.schedule(ann, { read: false }, 50);
    expect(await access(ann)).toMatchObject({ read: true });
    expect((await scene.logged()).at(-1)).toBe('permissions.schedule');
    expect((await scene.counters()).infoUpdates).toBe(1);
  });

  it('shows the end of a ban as one', async () => {
    await scene.ban(admin, ann, 60);
    expect(await scheduled()).toMatchObject([{ banned: false, read: null, write: null, upload: null }]);
  });
});

describe('setting a permission', () => {
  const planEverything = async () => {
    await scene.schedule(ann, { write: true }, 10);
    await scene.schedule(ann, { write: true, upload: true }, 20);
    await scene.schedule(ann, { read: true, write: false, upload: true }, 30);
  };
  const flags = async () => (await scheduled()).map(({ read, write, upload }) => ({ read, write, upload }));

  it('drops what is scheduled for it in all entries; those with nothing left disappear', async () => {
    await planEverything();
    await scene.override(ann, { write: false });
    expect(await flags()).toEqual([
      { read: null, write: null, upload: true },
      { read: true, write: null, upload: true },
    ]);
    await scene.override(ann, { upload: null }); // dropping the override touches it too
    expect(await flags()).toEqual([{ read: true, write: null, upload: null }]);
  });

  it('drops what is scheduled for several at once', async () => {
    await planEverything();
    await scene.override(ann, { read: true, write: true, upload: true });
    expect(await scheduled()).toEqual([]);
  });

  it('drops nothing of what is scheduled when told not to', async () => {
    await planEverything();
    const before = await scheduled();
    await scene.override(ann, { write: false, read: false, upload: false }, { unschedule: false });
    expect(await scheduled()).toEqual(before);
  });

  it('drops nothing when it is "accessible", which cannot be scheduled', async () => {
    await planEverything();
    const before = await scheduled();
    await scene.override(ann, { accessible: false });
    expect(await scheduled()).toEqual(before);
  });

  it('keeps the end of a ban, also in an entry that loses everything else', async () => {
    await scene.ban(admin, ann, 60);
    await community().sql('UPDATE scheduled_changes SET write = true, read = false WHERE user_id = $1', [
      ann.id,
    ]);
    await scene.override(ann, { write: false, read: false });
    expect(await scheduled()).toMatchObject([{ banned: false, read: null, write: null, upload: null }]);
  });

  it('drops nothing of other people, and nothing of the same person in other rooms', async () => {
    const [other, ben] = [await RoomScene.of(community(), 'other'), await scene.member('ben')];
    await scene.schedule(ben, { write: true }, 10);
    await other.schedule(ann, { write: true }, 10);
    await scene.override(ann, { write: false });
    expect(await scheduled(ben)).toHaveLength(1);
    expect(await service().scheduled(await community().access(other.token), ann.sessionId)).toHaveLength(1);
  });
});
