import { RoomViews } from '../../libs/community/read-models/room-views.js';
import type { RoomToken, SessionId } from '../../libs/protocol/ids.js';
import type { PollInfoObject } from '../../libs/protocol/schemas/room.schema.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';

const community = eachWithCommunity();

const operator = () => community().operator;
const token = (text: string) => text as RoomToken;
const row = async (room: RoomToken) =>
  (
    await community().sql<{
      name: string;
      description: string;
      info_updates: number;
      access_version: number;
    }>('SELECT name, description, info_updates, access_version FROM rooms WHERE token = $1', [room])
  )[0];
const infoUpdates = async (room: RoomToken) => (await row(room))!.info_updates;
const update = (room: RoomToken, settings: Parameters<ReturnType<typeof community>['rooms']['update']>[2]) =>
  community().rooms.update(operator(), room, settings);
const create = (room: { token: string; name: string; description?: string }) =>
  community().rooms.create(operator(), room);
const count = (table: string) => community().value<number>(`SELECT count(*) FROM ${table}`);
const logged = () =>
  community().sql<{ action: string }>(
    'SELECT action, actor_id, via, room_id, room_token, detail FROM moderation_log ORDER BY id',
  );
const visibleTo = async (member?: Member) =>
  (await community().rooms.list(member && (await community().identity(member)))).map((room) => room.token);
const override = (room: RoomToken, member: Member, columns: Record<string, boolean>) => {
  const names = Object.keys(columns);
  return community().sql(
    `INSERT INTO permission_overrides (room_id, user_id, ${names.join(', ')})
     VALUES ((SELECT id FROM rooms WHERE token = $1), $2, ${names.map((_, at) => `$${at + 3}`).join(', ')})`,
    [room, member.id, ...Object.values(columns)],
  );
};

describe('a new room', () => {
  it('allows everybody everything and has counted nothing', async () => {
    const made = await create({ token: 'Lobby-1_x', name: 'The lobby', description: 'Hello' });
    expect(made).toMatchObject({ infoUpdates: 0, messageSequence: 0, activeUsers: 0, imageId: null });
    expect(await community().rooms.object(await community().access(token('lobby-1_X')))).toEqual({
      token: 'Lobby-1_x',
      name: 'The lobby',
      description: 'Hello',
      info_updates: 0,
      message_sequence: 0,
      created: community().clock.now,
      active_users: 0,
      active_users_cutoff: 604_800,
      moderators: [],
      admins: [],
      read: true,
      write: true,
      upload: true,
    });
    expect(await logged()).toMatchObject([
      { action: 'room.create', room_token: 'Lobby-1_x', via: 'command-line' },
    ]);
  });

  it('is refused a token that is taken, in whatever case', async () => {
    await create({ token: 'Lobby', name: 'First' });
    expect(await create({ token: 'lOBBY', name: 'Second' })).toBeUndefined();
    expect(await community().rooms.all()).toMatchObject([{ token: 'Lobby', name: 'First' }]);
    expect(await logged()).toHaveLength(1);
  });

  it('is made once when two are made under one token at once', async () => {
    const made = await Promise.all(['x', 'X', 'x', 'X'].map((each) => create({ token: each, name: 'One' })));
    expect(made.filter((room) => room !== undefined)).toHaveLength(1);
  });

  it.each(['', 'a b', 'ä', 'a/b', 'x'.repeat(65)])('is refused the token "%s"', async (bad) => {
    await expect(create({ token: bad, name: 'Name' })).rejects.toMatchObject({ status: 400 });
    expect(await community().rooms.all()).toEqual([]);
  });

  it('may have a token of 64 characters', async () => {
    expect(await create({ token: 'x'.repeat(64), name: 'Name' })).toBeDefined();
  });

  it('is the first only while there is none, also when two servers start at once', async () => {
    const first = { token: token('lobby'), name: 'Lobby', description: 'Welcome' };
    const made = await Promise.all([1, 2, 3].map(() => community().rooms.createFirst(first)));
    expect(made.filter((room) => room !== undefined)).toHaveLength(1);
    expect(await community().rooms.createFirst({ ...first, token: token('other') })).toBeUndefined();
    expect(await community().rooms.all()).toHaveLength(1);
  });
});

describe('texts of a room', () => {
  it('lose control characters; the description keeps tabs and newlines', async () => {
    const all = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('');
    const room = await community().room('a');
    await update(room, { name: `A${all}B\u007f`, description: `C${all}D` });
    expect(await row(room)).toMatchObject({ name: 'AB\u007f', description: 'C\t\nD' });
  });

  it('may have 200 and 4000 code points after stripping', async () => {
    const room = await community().room('a');
    expect(await update(room, { name: `\u0001${'😀'.repeat(200)}`, description: '😀'.repeat(4000) })).toBe(2);
  });

  it.each([
    ['a name of 201 code points', { name: '😀'.repeat(201) }],
    ['an empty name', { name: '' }],
    ['a name of control characters only', { name: '\n\t\u0000' }],
    ['a description of 4001 code points', { description: '😀'.repeat(4001) }],
  ])('are refused as a whole with %s', async (_, bad) => {
    const room = await community().room('a');
    const before = await row(room);
    await expect(update(room, { ...bad, defaultRead: false })).rejects.toMatchObject({ status: 400 });
    expect(await row(room)).toEqual(before);
    await expect(create({ token: 'b', name: 'B', ...bad })).rejects.toMatchObject({ status: 400 });
  });

  it.each(['', null, '\u0001'])('have no description when it is %j', async (description) => {
    const room = await community().room('a');
    await update(room, { description: 'Something' });
    expect(await update(room, { description })).toBe(2);
    expect(await row(room)).toMatchObject({ description: null });
  });
});

describe('info_updates', () => {
  it('counts name and description one each, in one call two', async () => {
    const room = await community().room('a');
    expect(await update(room, { name: 'X' })).toBe(1);
    expect(await update(room, { description: 'Y' })).toBe(2);
    expect(await update(room, { name: 'X2', description: 'Y2' })).toBe(4);
    expect(await update(room, { name: 'X2', description: 'Y3' })).toBe(5);
  });

  it('does not count what is set already, and nothing is logged then', async () => {
    const room = await community().room('a');
    await update(room, { name: 'X', description: 'Y' });
    const before = [await row(room), await logged()];
    expect(await update(room, { name: 'X\u0001', description: 'Y', defaultRead: true })).toBe(2);
    expect([await row(room), await logged()]).toEqual(before);
  });

  it('does not count default permissions, which running servers are told of', async () => {
    const room = await community().room('a');
    expect(await update(room, { defaultRead: false, defaultWrite: false })).toBe(0);
    expect(await row(room)).toMatchObject({ info_updates: 0, access_version: 1 });
    expect(await community().access(room)).toMatchObject({ read: false, write: false, accessible: true });
  });

  it('counts changes that come at the same moment each', async () => {
    const room = await community().room('a');
    const counters = await Promise.all(
      Array.from({ length: 10 }, (_, n) => update(room, { name: `Name ${n}` })),
    );
    expect(counters.sort((a, b) => a! - b!)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('of a room that is not there is not there', async () => {
    expect(await update(token('nowhere'), { name: 'X' })).toBeUndefined();
  });

  it('decides whether a poll answers details', async () => {
    const room = await community().room('a');
    await update(room, { name: 'X' });
    const poll = async (known: number): Promise<PollInfoObject> => {
      const access = await community().access(room);
      const json = await community().service(RoomViews).pollInfoJson(access, known);
      return JSON.parse(json.toString()) as PollInfoObject;
    };
    expect(await poll(1)).toEqual({ token: 'a', active_users: 0, read: true, write: true, upload: true });
    expect((await poll(0)).details).toMatchObject({ name: 'X', info_updates: 1 });
    expect((await poll(2)).details).toMatchObject({ info_updates: 1 });
  });
});

describe('room roles in info_updates', () => {
  it('count a change of the moderator or admin flag, and nothing else', async () => {
    const room = await community().room('a');
    const { sessionId } = await community().member('ann');
    const set = async (change: { moderator?: boolean; admin?: boolean; visible?: boolean }) =>
      (await community().moderators.changeInRooms(operator(), sessionId, [token('A')], change)).get(room);
    expect(await set({ moderator: true })).toBe(1);
    expect(await set({ moderator: true })).toBe(1); // again
    expect(await set({ moderator: true, visible: false })).toBe(1); // visibility alone
    expect(await set({ admin: true })).toBe(2);
    expect(await set({ moderator: true })).toBe(2); // keeps admin
    expect(await set({ admin: false })).toBe(3); // demotes to moderator
    expect(await set({ moderator: false })).toBe(4);
    expect(await set({ moderator: false })).toBe(4);
    expect(await set({ admin: false })).toBe(4); // promotes nobody
    expect(await count('permission_overrides')).toBe(0);
  });

  it('count in the rooms named and in no other', async () => {
    const [a, b, c] = [await community().room('a'), await community().room('b'), await community().room('c')];
    const { sessionId } = await community().member('ann');
    await community().moderators.changeInRooms(operator(), sessionId, [c, a], { admin: true });
    expect(await Promise.all([a, b, c].map(infoUpdates))).toEqual([1, 0, 1]);
  });

  it('are refused as a whole when one of the rooms is not there', async () => {
    const room = await community().room('a');
    const { sessionId } = await community().member('ann');
    const change = community().moderators.changeInRooms(operator(), sessionId, [room, token('no')], {
      admin: true,
    });
    await expect(change).rejects.toMatchObject({ status: 404 });
    expect(await infoUpdates(room)).toBe(0);
    expect(await count('permission_overrides')).toBe(0);
  });

  it.each(['here', 'everywhere'])('are refused to somebody banned %s', async (where) => {
    const room = await community().room('a');
    const ann = await community().member('ann');
    if (where === 'here') await override(room, ann, { banned: true });
    else await community().sql('UPDATE users SET banned = true WHERE id = $1', [ann.id]);
    const change = community().moderators.changeInRooms(operator(), ann.sessionId, [room], {
      moderator: true,
    });
    await expect(change).rejects.toMatchObject({ status: 403 });
    expect(await infoUpdates(room)).toBe(0);
  });
});

describe('global roles in info_updates', () => {
  const set = (sessionId: SessionId, change: { moderator?: boolean; admin?: boolean; visible?: boolean }) =>
    community().moderators.changeGlobally(operator(), sessionId, change);

  it('count in every room, visibility too, a repetition not', async () => {
    const rooms = [await community().room('a'), await community().room('b')];
    const { sessionId } = await community().member('ann');
    const steps = [
      { change: { moderator: true }, counter: 1 },
      { change: { moderator: true }, counter: 1 },
      { change: { moderator: true, visible: true }, counter: 2 },
      { change: { moderator: true }, counter: 3 }, // hidden by default again
      { change: { admin: true }, counter: 4 },
      { change: { moderator: false }, counter: 5 },
      { change: { admin: false, visible: true }, counter: 5 },
    ];
    for (const { change, counter } of steps)
      expect([...(await set(sessionId, change))]).toEqual(rooms.map((room) => [room, counter]));
  });

  it('are refused to somebody banned everywhere', async () => {
    const room = await community().room('a');
    const ann = await community().member('ann');
    await community().sql('UPDATE users SET banned = true WHERE id = $1', [ann.id]);
    await expect(set(ann.sessionId, { admin: true })).rejects.toMatchObject({ status: 403 });
    expect(await infoUpdates(room)).toBe(0);
  });

  it('are given also while their holder posts', async () => {
    await community().room('a');
    const ann = await community().member('ann');
    const id = await community().value<number>('SELECT id FROM rooms');
    await community().sql('BEGIN');
    await community().sql(`SET LOCAL lock_timeout = '500ms'`); // before PostgreSQL looks for deadlocks
    await community().sql('UPDATE rooms SET message_sequence = message_sequence + 1'); // as a post does first
    const appointment = set(ann.sessionId, { moderator: true });
    await community().untilSomebodyWaits();
    await community().sql(
      `INSERT INTO messages (room_id, author_id, posted_at, seqno_creation, seqno_data) VALUES ($1, $2, 0, 1, 1)`,
      [id, ann.id],
    );
    await community().sql('COMMIT');
    await appointment;
    expect(await count('messages')).toBe(1);
  });
});

describe('the list of rooms', () => {
  it('is in ASCII order without case', async () => {
    for (const each of ['b', 'A_1', 'C', 'a-1', 'a1', 'ab', '_', '-', '0']) await community().room(each);
    expect(await visibleTo()).toEqual(['-', '0', 'a-1', 'a1', 'A_1', 'ab', 'b', 'C', '_'].sort(byLowerCase));
    expect(await visibleTo()).toEqual(['-', '0', '_', 'a-1', 'a1', 'A_1', 'ab', 'b', 'C']);
  });

  it('has those that are accessible to the caller', async () => {
    const [open, dark, hidden] = [
      await community().room('open'),
      await community().room('dark'),
      await community().room('hidden'),
    ];
    await update(dark, { defaultRead: false });
    await update(hidden, { defaultRead: false, defaultAccessible: false });
    const [ann, ben] = [await community().member('ann'), await community().member('ben')];
    await override(hidden, ann, { read: true });
    await override(open, ben, { banned: true });
    await override(dark, ben, { accessible: false });
    expect(await visibleTo()).toEqual([dark, open]);
    expect(await visibleTo(ann)).toEqual([dark, hidden, open]);
    expect(await visibleTo(ben)).toEqual([]);
  });

  it('has every room for moderators of the whole server', async () => {
    await update(await community().room('hidden'), { defaultRead: false, defaultAccessible: false });
    const ann = await community().member('ann');
    await community().moderators.changeGlobally(operator(), ann.sessionId, { moderator: true });
    expect(await visibleTo(ann)).toEqual(['hidden']);
    expect(await visibleTo()).toEqual([]);
  });

  it('has every room, with counts, for the operator', async () => {
    const room = await community().room('hidden');
    await update(room, { defaultRead: false, defaultAccessible: false });
    const ann = await community().member('ann');
    await override(room, ann, { read: true, write: true });
    const { id } = await community().post(room, ann, 'one');
    await community().post(room, ann, 'two');
    await community().deletions.deleteOne(
      await community().identity(ann),
      await community().access(room, ann),
      id,
    );
    expect(await community().rooms.overviews()).toMatchObject([
      {
        token: 'hidden',
        messages: 1,
        messageSequence: 3,
        files: 0,
        defaults: { read: false, accessible: false },
      },
    ]);
  });
});

const byLowerCase = (a: string, b: string) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);
