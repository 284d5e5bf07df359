import { setTimeout as delay } from 'node:timers/promises';
import { PermissionsService } from '../../libs/community/permissions.service.js';
import { MISSED } from '../../libs/protocol/change.js';
import { ReadModels } from '../../libs/community/read-models/read-models.js';
import { RoomModels } from '../../libs/community/read-models/room-models.js';
import { RoomViews } from '../../libs/community/read-models/room-views.js';
import { UserModels } from '../../libs/community/read-models/user-models.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import type { RoomObject } from '../../libs/protocol/schemas/room.schema.js';
import { RoomScene } from '../support/room-scene.js';
import { allWithCommunity, communityOn, type Community, type Member } from '../support/scratch-community.js';

/** Keeps copies, as a server does. */
const server = allWithCommunity();
/** Another process, from which nothing is heard but what is in the database. */
let other: Community;
beforeAll(async () => (other = await communityOn(server().url, { readModels: false })));
afterAll(() => other.close());

/** What is sent to the database meanwhile, without looks for changes by others. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const { statementCounts } = server().database;
  const before = new Map(statementCounts);
  await work();
  return [...statementCounts.entries()]
    .filter(([name, count]) => count !== before.get(name) && !name.startsWith('read-models.'))
    .map(([name]) => name);
}

const lookAgain = (): void => server().service(ReadModels).apply([MISSED]);
const user = ({ sessionId }: Member) => server().service(UserModels).find(sessionId);
const shown = async (token: RoomToken, member?: Member): Promise<RoomObject> => {
  const json = await server()
    .service(RoomViews)
    .objectJson(await open(token, member));
  return JSON.parse(json.toString()) as RoomObject;
};
/** Without asking the database who the member is. */
const open = async (token: RoomToken, member?: Member) => {
  const known = member && (await user(member));
  const identity = known && { user: known, blinded: true, publicKey: Buffer.alloc(32) };
  return (await server().rooms.open(token, identity))!;
};

describe('what is kept in memory', () => {
  let scene: RoomScene;
  let elsewhere: RoomScene;
  let moderator: Member;
  let ann: Member;
  beforeEach(async () => {
    scene = await RoomScene.of(server());
    elsewhere = RoomScene.at(other, scene.token);
    moderator = await scene.member('moderator', { admin: true });
    ann = await scene.member('ann');
    lookAgain(); // whoever comes first after a while waits for a look, which is not what is counted here
    await shown(scene.token, ann);
  });

  it('needs no database for users, rooms, permissions and room objects', async () => {
    expect(
      await statementsOf(async () => {
        for (const member of [ann, undefined, ann]) await shown(scene.token, member);
      }),
    ).toEqual([]);
  });

  it('is loaded once for all who ask at the same time', async () => {
    await scene.override(ann, { write: false });
    const { statementCounts } = server().database;
    const before = statementCounts.get('room-states.state')!;
    const accesses = await Promise.all(Array.from({ length: 50 }, () => open(scene.token, ann)));
    expect(statementCounts.get('room-states.state')).toBe(before + 1);
    expect(accesses.map(({ write }) => write)).toEqual(Array(50).fill(false));
  });

  describe.each(['here', 'elsewhere'] as const)('follows what is done %s', (where) => {
    const place = (): RoomScene => (where === 'here' ? scene : elsewhere);
    /** One's own changes are seen at once, those of others after a look. */
    const seen = (): void => (where === 'here' ? undefined : lookAgain());

    it('bans and unbans in the room', async () => {
      await place().ban(moderator, ann);
      seen();
      expect((await open(scene.token, ann)).read).toBe(false);
      await place().unban(moderator, ann);
      seen();
      expect((await open(scene.token, ann)).read).toBe(true);
    });

    it('bans on the whole server', async () => {
      await place().banGlobally(ann);
      seen();
      expect((await user(ann))!.banned).toBe(true);
      expect((await open(scene.token, ann)).read).toBe(false);
    });

    it('roles in the room and on the whole server', async () => {
      await place().appoint(ann, { moderator: true });
      seen();
      expect(await open(scene.token, ann)).toMatchObject({ moderator: true, admin: false });
      expect((await shown(scene.token)).moderators).toEqual([ann.sessionId]);
      await place().community.moderators.changeGlobally(server().operator, ann.sessionId, {
        admin: true,
        visible: true,
      });
      seen();
      expect(await open(scene.token, ann)).toMatchObject({ admin: true, globalAdmin: true });
      await place().appoint(ann, { moderator: false });
      seen();
      expect((await shown(scene.token)).admins).toEqual([ann.sessionId, moderator.sessionId].sort());
      await place().community.moderators.changeGlobally(server().operator, ann.sessionId, {
        moderator: false,
      });
      seen();
      expect((await shown(scene.token)).admins).toEqual([moderator.sessionId]);
    });

    it('overrides, and visibility of moderators', async () => {
      await place().override(ann, { write: false });
      seen();
      expect((await open(scene.token, ann)).write).toBe(false);
      await place().override(ann, { write: null });
      await place().appoint(moderator, { admin: true, visible: false });
      seen();
      expect((await open(scene.token, ann)).write).toBe(true);
      expect((await shown(scene.token)).admins).toEqual([]);
    });

    it('texts, defaults, pins and message counters', async () => {
      const { rooms, operator } = place().community;
      await rooms.update(operator, scene.token, { name: 'New', defaultWrite: false });
      const { id } = await place().post(moderator);
      await place().pin(moderator, id);
      seen();
      expect(await shown(scene.token, ann)).toMatchObject({
        name: 'New',
        write: false,
        message_sequence: 1,
        pinned_messages: [{ id }],
      });
      await place().delete(moderator, id);
      seen();
      expect(await shown(scene.token, ann)).not.toHaveProperty('pinned_messages');
      expect(await shown(scene.token, ann)).toMatchObject({ message_sequence: 2 });
    });

    it('a deletion of the room, and another room of the same name', async () => {
      const { rooms, operator } = place().community;
      await rooms.delete(operator, scene.token);
      seen();
      expect(await server().rooms.open(scene.token, undefined)).toBeUndefined();
      await rooms.create(operator, { token: scene.token, name: 'Second' });
      expect((await shown(scene.token)).name).toBe('Second');
      await rooms.delete(operator, scene.token);
      await rooms.create(operator, { token: scene.token, name: 'Third' });
      seen();
      expect((await shown(scene.token)).name).toBe('Third');
    });
  });

  it('is held against the database about every second, without being told of anything', async () => {
    await elsewhere.ban(moderator, ann);
    await elsewhere.community.rooms.update(other.operator, scene.token, { name: 'New' });
    const since = performance.now();
    while ((await open(scene.token, ann)).read) await delay(20);
    expect(performance.now() - since).toBeLessThan(10_000); // nobody would ever tell (version-check.spec.ts has the second)
    expect((await shown(scene.token)).name).toBe('New');
  });

  it('is forgotten as a whole when anything may have changed', async () => {
    await other.sql(`UPDATE users SET banned = true WHERE id = ${ann.id}`); // counted nowhere
    server()
      .service(ReadModels)
      .apply([{ kind: 'everything' }]);
    expect((await user(ann))!.banned).toBe(true);
  });

  it('never holds that somebody or some room is not there', async () => {
    const nobody = other.account('nobody yet').blindedId as Member['sessionId'];
    expect(await server().service(UserModels).find(nobody)).toBeUndefined();
    expect(await server().rooms.open('not-yet' as RoomToken, undefined)).toBeUndefined();
    await other.member('nobody yet');
    await other.room('not-yet');
    expect(await server().service(UserModels).find(nobody)).toMatchObject({ sessionId: nobody });
    expect(await server().rooms.open('not-yet' as RoomToken, undefined)).toBeDefined();
  });

  it('knows a room by its name in any case', async () => {
    const token = scene.token.toUpperCase() as RoomToken;
    expect(await statementsOf(() => open(token, ann))).toEqual([]);
    expect((await open(token, ann)).room.token).toBe(scene.token);
  });

  it('says who moderates as permissions do', async () => {
    const listed = await server()
      .service(PermissionsService)
      .list(await open(scene.token));
    expect(listed.map(({ sessionId }) => sessionId)).toEqual((await shown(scene.token)).admins);
  });

  it('is bounded', async () => {
    const models = server().service(RoomModels);
    const tokens = await Promise.all(Array.from({ length: 200 }, (_, n) => server().room(`many-${n}`)));
    for (const token of tokens) await open(token);
    expect(models.size).toBeGreaterThanOrEqual(200);
    expect(models.bytes).toBeLessThan(models.size * 10_000);
  });
});
