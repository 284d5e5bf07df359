import type { RoleChange } from '../../libs/community/moderators.service.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene, tableState } from '../support/room-scene.js';

const community = allWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

let scene: RoomScene;
let mod: Member;
let ann: Member;
let ben: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  mod = await scene.member('mod', { moderator: true }); // info_updates 1
  [ann, ben] = [await scene.member('ann'), await scene.member('ben')];
});

const now = () => community().clock.now;
const living = async () =>
  (
    await community().sql<{ id: number }>(
      `SELECT messages.id FROM messages JOIN rooms ON rooms.id = room_id WHERE token = $1 AND data IS NOT NULL ORDER BY id`,
      [scene.token],
    )
  ).map(({ id }) => id);
const numbers = async () =>
  community().sql(
    `SELECT messages.id, seqno_creation AS created, seqno_data AS data, seqno FROM messages
     JOIN rooms ON rooms.id = room_id WHERE token = $1 AND data IS NULL ORDER BY id`,
    [scene.token],
  );
const revisions = (id: number) =>
  community().value<number>('SELECT count(*) FROM message_revisions WHERE message_id = $1', [id]);
const user = async (member: Member) => (await community().people.find(member.sessionId))!;

/** `DELETE /rooms/all/SID`. */
async function deleteEverywhere(by: Member, author: Member): Promise<Record<string, number>> {
  const identity = await community().identity(by);
  const accesses = await community().rooms.accessesOf(identity);
  return Object.fromEntries(
    await community().deletions.deleteAllInRooms(identity, accesses, await user(author)),
  );
}

describe('deleting all of somebody’s posts in a room', () => {
  it('gives each tombstone a number, and one more for every single reaction that it had', async () => {
    const [first, others, second] = [await scene.post(ann), await scene.post(ben), await scene.post(ann)]; // 1–3
    await scene.react(ann, second.id, 'x'); // 4
    await scene.react(ben, second.id, 'x'); // 5
    await scene.react(ben, second.id, 'y'); // 6
    await scene.deleteAll(mod, ann);
    expect(await numbers()).toEqual([
      { id: first.id, created: 1, data: 7, seqno: 7 },
      { id: second.id, created: 3, data: 8, seqno: 11 },
    ]);
    expect((await scene.counters()).messageSequence).toBe(11);
    expect(await living()).toEqual([others.id]);
    expect((await scene.since(6)).map(({ id, seqno }) => ({ id, seqno }))).toEqual([
      { id: first.id, seqno: 7 },
      { id: second.id, seqno: 11 },
    ]);
  });

  it('counts every pin that goes with them in info_updates', async () => {
    const admin = await scene.member('admin', { admin: true }); // info_updates 2
    const [first, second, others] = [await scene.post(ann), await scene.post(ann), await scene.post(ben)];
    for (const { id } of [first, second, others]) await scene.pin(admin, id); // 3–5
    await scene.deleteAll(mod, ann);
    expect((await scene.counters()).infoUpdates).toBe(7);
    expect((await scene.shown()).pinned_messages!.map(({ id }) => id)).toEqual([others.id]);
  });

  it('takes the edit history along', async () => {
    const { id } = await scene.post(ann, 'one');
    await scene.edit(ann, id, 'two');
    expect(await revisions(id)).toBe(1);
    await scene.deleteAll(mod, ann);
    expect(await revisions(id)).toBe(0);
  });

  it('includes whispers and what a filter took', async () => {
    const author = await scene.member('author', { moderator: true });
    await scene.post(author, { whisper_mods: true });
    await scene.post(author, { whisper_to: ann.sessionId });
    await scene.filter((await scene.post(author)).id);
    await scene.deleteAll(await scene.member('admin', { admin: true }), author);
    expect(await living()).toEqual([]);
  });

  it('leaves what was deleted before as it was', async () => {
    const [first] = [await scene.post(ann), await scene.post(ann)]; // 1, 2
    await scene.delete(ann, first.id); // 3
    await scene.deleteAll(mod, ann); // 4
    expect(await numbers()).toMatchObject([{ data: 3 }, { data: 4 }]);
  });

  it('leaves other people and other rooms alone', async () => {
    const other = await RoomScene.of(community(), 'other');
    const [elsewhere, ofBen] = [await other.post(ann), await scene.post(ben)];
    await scene.post(ann);
    await scene.deleteAll(mod, ann);
    expect(await living()).toEqual([ofBen.id]);
    expect(await other.message(elsewhere.id)).toMatchObject({ seqno: 1 });
  });

  it('is 404 when there is no message, and again when all are deleted', async () => {
    await expect(scene.deleteAll(mod, ann)).rejects.toMatchObject({ status: 404 });
    await scene.post(ann);
    await scene.deleteAll(mod, ann);
    await expect(scene.deleteAll(mod, ann)).rejects.toMatchObject({ status: 404 });
    expect((await scene.counters()).messageSequence).toBe(2);
  });

  it('is logged, unless they are one’s own', async () => {
    await scene.post(ann);
    await scene.deleteAll(mod, ann);
    expect((await scene.logged()).at(-1)).toBe('message.delete-all');
    const before = await scene.logged();
    await scene.post(ben);
    await scene.deleteAll(ben, ben);
    expect(await scene.logged()).toEqual(before);
  });

  it('happens once when two moderators do it at the same moment', async () => {
    const second = await scene.member('second', { moderator: true });
    for (let n = 0; n < 5; n++) await scene.post(ann); // 1–5
    const outcomes = await Promise.allSettled([scene.deleteAll(mod, ann), scene.deleteAll(second, ann)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await scene.counters()).messageSequence).toBe(10);
  });
});

describe('their uploads there', () => {
  it('expire at once, whether a message had them or not', async () => {
    const files = [await scene.upload(ann), await scene.upload(ann)];
    await scene.post(ann, { files: [files[0]!] });
    await scene.deleteAll(mod, ann);
    for (const file of files) expect((await scene.file(file)).expires_at).toBe(now());
  });

  it('expire also when there is no message, although that is 404', async () => {
    const file = await scene.upload(ann);
    await expect(scene.deleteAll(mod, ann)).rejects.toMatchObject({ status: 404 });
    expect((await scene.file(file)).expires_at).toBe(now());
  });

  it('expire also when a pin kept them', async () => {
    const admin = await scene.member('admin', { admin: true });
    const file = await scene.upload(ann);
    await scene.pin(admin, (await scene.post(ann, { files: [file] })).id);
    await scene.deleteAll(mod, ann);
    expect((await scene.file(file)).expires_at).toBe(now());
  });

  it.each(['attached to a message', 'free'])('stay when one is the room image (%s)', async (kind) => {
    const file = await scene.upload(ann);
    await scene.post(ann, kind === 'free' ? 'x' : { files: [file] });
    await scene.setImage(file);
    await scene.deleteAll(mod, ann);
    expect((await scene.file(file)).expires_at).toBeNull();
    expect((await scene.shown()).image_id).toBe(file);
  });

  it('do not touch those of others, or in other rooms', async () => {
    const other = await RoomScene.of(community(), 'other');
    const files = [await scene.upload(ben), await other.upload(ann)];
    const before = await Promise.all(files.map((file) => scene.file(file)));
    await scene.post(ann);
    await scene.deleteAll(mod, ann);
    expect(await Promise.all(files.map((file) => scene.file(file)))).toEqual(before);
  });
});

describe('who may delete all of whose posts', () => {
  type Somebody = 'user' | 'moderator' | 'admin' | 'global moderator' | 'global admin';
  const ROLES: Record<Somebody, RoleChange | undefined> = {
    user: undefined,
    moderator: { moderator: true },
    admin: { admin: true },
    'global moderator': { moderator: true },
    'global admin': { admin: true },
  };
  const somebody = (name: string, kind: Somebody) =>
    kind.startsWith('global') ? scene.globalMember(name, ROLES[kind]!) : scene.member(name, ROLES[kind]);

  /** Rows: who deletes; columns: whose posts, in the order of ROLES. */
  const MAY: Record<Somebody, string> = {
    user: '-----',
    moderator: '++-+-',
    admin: '+++++',
    'global moderator': '++-+-',
    'global admin': '+++++',
  };
  const cases = (Object.keys(ROLES) as Somebody[]).flatMap((caller) =>
    (Object.keys(ROLES) as Somebody[]).map((author, at) => ({
      caller,
      author,
      may: MAY[caller][at] === '+',
    })),
  );

  it.each(cases)('$caller those of $author: $may', async ({ caller, author, may }) => {
    const [by, of] = [await somebody('caller', caller), await somebody('author', author)];
    await scene.post(of);
    const before = await tableState(community());
    if (may) await scene.deleteAll(by, of);
    else await expect(scene.deleteAll(by, of)).rejects.toMatchObject({ status: 403 });
    expect(await living()).toHaveLength(may ? 0 : 1);
    if (!may) expect(await tableState(community())).toEqual(before);
    const everywhere = await deleteEverywhere(by, of);
    expect(Object.hasOwn(everywhere, scene.token)).toBe(may);
  });

  it.each(Object.keys(ROLES) as Somebody[])('everybody their own: %s', async (kind) => {
    const author = await somebody('author', kind);
    await scene.post(author);
    await scene.deleteAll(author, author);
    expect(await living()).toEqual([]);
  });

  it.each(['banned', 'muted', 'shut out'])('their own also somebody who is %s', async (state) => {
    await scene.post(ann);
    if (state === 'banned') await scene.ban(mod, ann);
    const none = { defaultRead: false, defaultAccessible: false, defaultWrite: false };
    if (state === 'muted')
      await community().rooms.update(community().operator, scene.token, { defaultWrite: false });
    if (state === 'shut out') await community().rooms.update(community().operator, scene.token, none);
    await scene.deleteAll(ann, ann);
    expect(await living()).toEqual([]);
  });
});

describe('deleting all of somebody’s posts everywhere', () => {
  it('tells the number of each room where the caller may, 0 too, and deletes nowhere else', async () => {
    const [second, third] = [
      await RoomScene.of(community(), 'Second'),
      await RoomScene.of(community(), 'third'),
    ];
    await second.appoint(mod, { moderator: true });
    await scene.post(ann);
    await scene.post(ann);
    const kept = await third.post(ann);
    expect(await deleteEverywhere(mod, ann)).toEqual({ [scene.token]: 2, [second.token]: 0 });
    expect(await third.message(kept.id)).toBeDefined();
    expect(await living()).toEqual([]);
  });

  it('leaves out rooms in which they are an admin and the caller is none', async () => {
    const second = await RoomScene.of(community(), 'second');
    await second.appoint(mod, { moderator: true });
    await second.appoint(ann, { admin: true });
    const kept = await second.post(ann);
    await scene.post(ann);
    expect(await deleteEverywhere(mod, ann)).toEqual({ [scene.token]: 1 });
    expect(await second.message(kept.id)).toBeDefined();
  });

  it('of one’s own has every room that one can access, and no other', async () => {
    const hidden = await RoomScene.of(community(), 'hidden');
    await scene.post(ann);
    const kept = await hidden.post(ann);
    const none = { defaultRead: false, defaultAccessible: false };
    await community().rooms.update(community().operator, hidden.token, none);
    const deleted = await deleteEverywhere(ann, ann);
    expect(deleted).toMatchObject({ [scene.token]: 1 });
    expect(deleted).not.toHaveProperty(hidden.token);
    expect(await hidden.message(kept.id, await hidden.member('reader', { moderator: true }))).toBeDefined();
  });

  it('leaves out one’s own in a room from which one is banned', async () => {
    await scene.post(ann);
    await scene.ban(mod, ann);
    expect(await deleteEverywhere(ann, ann)).not.toHaveProperty(scene.token);
    expect(await living()).toHaveLength(1);
  });

  it('expires uploads in rooms with 0 too', async () => {
    const file = await scene.upload(ann);
    expect(await deleteEverywhere(mod, ann)).toEqual({ [scene.token]: 0 });
    expect((await scene.file(file)).expires_at).toBe(now());
  });

  it('is nowhere for somebody without a role', async () => {
    await scene.post(ann);
    expect(await deleteEverywhere(ben, ann)).toEqual({});
    expect(await living()).toHaveLength(1);
  });
});
