import type { MessageObject } from '../../libs/protocol/schemas/message.schema.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import { eachWithCommunity, signed, type Member } from '../support/scratch-community.js';
import { sessionMessage } from '../support/session-client.js';

/** Posting faster than the limit has a suite of its own. */
const community = eachWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 16 } } });

const PAGE = { limit: 100, reactors: 4 };
let room: RoomToken;
let ann: Member;
let ben: Member;
beforeEach(async () => {
  room = await community().room('lobby');
  [ann, ben] = [await community().member('ann'), await community().member('ben')];
});

const post = (member: Member, text: string) => community().post(room, member, text);
const edit = async (member: Member, id: number, content: string | Buffer) =>
  community().posts.edit(
    await community().identity(member),
    await community().access(room, member),
    id,
    signed(member, content),
  );
const remove = async (member: Member, id: number) =>
  community().deletions.deleteOne(
    await community().identity(member),
    await community().access(room, member),
    id,
  );
const since = async (
  seqno: number,
  over: { reactionChanges?: boolean; limit?: number; viewer?: Member } = {},
) =>
  community().messages.since(
    await community().access(room, over.viewer),
    { ...PAGE, limit: over.limit ?? PAGE.limit },
    { seqno, reactionChanges: over.reactionChanges ?? false },
  );
const recent = async (limit = PAGE.limit) =>
  community().messages.recent(await community().access(room), { ...PAGE, limit });
const before = async (id: number, limit = PAGE.limit) =>
  community().messages.before(await community().access(room), { ...PAGE, limit }, id);
const one = async (id: number) => community().messages.one(await community().access(room), PAGE, id);
const count = (table: string) => community().value<number>(`SELECT count(*) FROM ${table}`);
const sequence = () =>
  community().value<number>('SELECT message_sequence FROM rooms WHERE token = $1', [room]);
const appoint = (member: Member, change: { moderator?: boolean; admin?: boolean }) =>
  community().moderators.changeInRooms(community().operator, member.sessionId, [room], change);
const ids = (messages: readonly { id: number }[]) => messages.map(({ id }) => id);

/** As the server does it: a number of its own for each single reaction. */
async function react(messageId: number, emoji: string, ...members: Member[]): Promise<void> {
  for (const { id } of members) {
    await community().sql(
      `INSERT INTO reactions (message_id, emoji) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
      [messageId, emoji],
    );
    await community().sql(
      `INSERT INTO reactors (reaction_id, user_id, reacted_at) SELECT id, $3, $4 FROM reactions WHERE message_id = $1 AND emoji = $2`,
      [messageId, emoji, id, community().clock.now],
    );
    await community().sql(
      `WITH room AS (UPDATE rooms SET message_sequence = message_sequence + 1 WHERE token = $1 RETURNING message_sequence)
       UPDATE messages SET seqno_reactions = message_sequence FROM room WHERE messages.id = $2`,
      [room, messageId],
    );
  }
}

describe('a post', () => {
  it('is answered, and read by everybody, as it was sent', async () => {
    const { data, signature } = signed(ann, 'hello');
    const answer = await community().post(room, ann, { data, signature });
    expect(answer).toEqual({
      id: expect.any(Number),
      session_id: ann.sessionId,
      posted: community().clock.now,
      seqno: 1,
      data: data.toString('base64'),
      signature: signature.toString('base64'),
      reactions: {},
    });
    expect(await recent()).toEqual([answer]);
    expect(await since(0)).toEqual([answer]);
    expect(await one(answer.id)).toEqual(answer);
    expect(await before(answer.id + 1)).toEqual([answer]);
  });

  it('takes the next number of its room, whatever happens in others', async () => {
    const other = await community().room('other');
    const first = await post(ann, 'one');
    const elsewhere = await community().post(other, ann, 'two');
    const second = await post(ben, 'three');
    expect([first.seqno, elsewhere.seqno, second.seqno]).toEqual([1, 1, 2]);
    expect(first.id < elsewhere.id && elsewhere.id < second.id).toBe(true);
  });

  it.each([
    ['padded', sessionMessage('hello')],
    ['not padded', sessionMessage('hello', { padTo: 0 })],
    ['empty', Buffer.alloc(0)],
    ['padding only', Buffer.from([0x80, 0, 0])],
    ['zeros only', Buffer.alloc(5)],
    ['ending in zeros after no 0x80', Buffer.from([1, 2, 0, 0])],
    ['padded twice', Buffer.from([1, 0x80, 0, 0x80, 0])],
    ['ending in 0x80', Buffer.from([1, 0x80])],
    ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  ])('is given back byte for byte when it is %s', async (_, data) => {
    const { id } = await community().post(room, ann, signed(ann, data));
    expect(Buffer.from((await one(id)).data!, 'base64')).toEqual(data);
  });

  it('is stored without its padding', async () => {
    const data = sessionMessage('hello');
    await community().post(room, ann, signed(ann, data));
    const [stored] = await community().sql<{ data: Buffer; data_size: number }>(
      'SELECT data, data_size FROM messages',
    );
    expect(stored).toEqual({ data: data.subarray(0, data.lastIndexOf(0x80)), data_size: data.length });
  });

  it.each([
    ['of somebody else', () => ben.account.signBlinded(sessionMessage('hello'))],
    ['of the data without padding', () => ann.account.signBlinded(sessionMessage('hello', { padTo: 0 }))],
    ['under the unblinded key', () => ann.account.signUnblinded(sessionMessage('hello'))],
    ['of nothing', () => Buffer.alloc(64)],
  ])('is refused with a signature %s', async (_, signature) => {
    const bad = { data: sessionMessage('hello'), signature: signature() };
    await expect(community().post(room, ann, bad)).rejects.toMatchObject({ status: 400 });
    const { id } = await post(ann, 'good');
    const edited = community().posts.edit(
      await community().identity(ann),
      await community().access(room, ann),
      id,
      bad,
    );
    await expect(edited).rejects.toMatchObject({ status: 400 });
    expect(await sequence()).toBe(1);
  });
});

describe('an edit', () => {
  it('replaces data and signature, takes a number, and keeps the old in the history', async () => {
    const old = await post(ann, 'old');
    community().clock.now += 60;
    await edit(ann, old.id, 'new');
    expect(await one(old.id)).toEqual({
      ...old,
      edited: community().clock.now,
      seqno: 2,
      data: signed(ann, 'new').data.toString('base64'),
      signature: signed(ann, 'new').signature.toString('base64'),
    });
    expect(ids(await since(1))).toEqual([old.id]);
    expect(
      await community().sql('SELECT message_id, replaced_at, data_size, signature FROM message_revisions'),
    ).toEqual([
      {
        message_id: old.id,
        replaced_at: community().clock.now,
        data_size: signed(ann, 'old').data.length,
        signature: signed(ann, 'old').signature,
      },
    ]);
  });

  it('that changes nothing but padding replaces signature and length only', async () => {
    const data = (padTo: number) => sessionMessage('same', { padTo });
    const { id } = await community().post(room, ann, signed(ann, data(160)));
    await edit(ann, id, data(320));
    const { seqno, edited, data: given, signature } = await one(id);
    expect({ seqno, edited }).toEqual({ seqno: 1, edited: undefined });
    expect(Buffer.from(given!, 'base64')).toEqual(data(320));
    expect(signature).toBe(signed(ann, data(320)).signature.toString('base64'));
    expect([await count('message_revisions'), await sequence()]).toEqual([0, 1]);
  });

  it.each([
    ['somebody else’s', 403, async () => (await post(ben, 'theirs')).id],
    ['one that is not there', 404, () => Promise.resolve(999)],
    [
      'one of another room',
      404,
      async () => (await community().post(await community().room('b'), ann, 'x')).id,
    ],
    [
      'a deleted one',
      404,
      async () => {
        const { id } = await post(ann, 'gone');
        await remove(ann, id);
        return id;
      },
    ],
  ])('of %s is refused with %i, to moderators too', async (_, status, target) => {
    const id = await target();
    const sequenceBefore = await sequence();
    await expect(edit(ann, id, 'new')).rejects.toMatchObject({ status });
    await appoint(ann, { admin: true });
    await expect(edit(ann, id, 'new')).rejects.toMatchObject({ status });
    expect([await sequence(), await count('message_revisions')]).toEqual([sequenceBefore, 0]);
  });
});

describe('a deletion', () => {
  it('leaves a tombstone, seen through since alone', async () => {
    const kept = await post(ben, 'kept');
    const { id, posted } = await post(ann, 'gone');
    community().clock.now += 60;
    await remove(ann, id);
    expect(await since(2)).toEqual([
      {
        id,
        session_id: ann.sessionId,
        posted,
        edited: community().clock.now,
        seqno: 3,
        data: null,
        deleted: true,
      },
    ]);
    expect([ids(await recent()), ids(await before(id + 1))]).toEqual([[kept.id], [kept.id]]);
    await expect(one(id)).rejects.toMatchObject({ status: 404 });
  });

  it('takes data, signature, history, reactions and pin along', async () => {
    const { id } = await post(ann, 'old');
    await edit(ann, id, 'new');
    await react(id, 'x', ann, ben);
    await community().sql(
      'INSERT INTO pins (room_id, message_id, pinned_by_id, pinned_at) SELECT id, $1, $2, 1 FROM rooms',
      [id, ben.id],
    );
    await remove(ann, id);
    const left = await Promise.all(['message_revisions', 'reactions', 'reactors', 'pins'].map(count));
    expect(left).toEqual([0, 0, 0, 0]);
    expect(await community().sql('SELECT data, data_size, signature FROM messages')).toEqual([
      { data: null, data_size: null, signature: null },
    ]);
    expect(await community().value('SELECT info_updates FROM rooms')).toBe(1);
  });

  it('takes one number, and one more for every single reaction that goes with it', async () => {
    const { id } = await post(ann, 'one'); // 1
    await react(id, 'x', ann, ben); // 2, 3
    await react(id, 'y', ben); // 4
    const other = await post(ben, 'two'); // 5
    await remove(ann, id); // 6, and 7 to 9
    expect(
      await community().sql(
        'SELECT seqno_creation, seqno_data, seqno_reactions, seqno FROM messages ORDER BY id',
      ),
    ).toEqual([
      { seqno_creation: 1, seqno_data: 6, seqno_reactions: 9, seqno: 9 },
      { seqno_creation: 5, seqno_data: 5, seqno_reactions: 0, seqno: 5 },
    ]);
    expect(await sequence()).toBe(9);
    expect(await since(other.seqno)).toEqual([expect.objectContaining({ id, seqno: 9, deleted: true })]);
    expect((await post(ben, 'three')).seqno).toBe(10);
  });

  it('expires the files of the message at once', async () => {
    const { id } = await post(ann, 'one');
    await community().sql(
      `INSERT INTO files (room_id, message_id, size, uploaded_at, expires_at) SELECT id, $1, 1, 1, NULL FROM rooms`,
      [id],
    );
    await remove(ann, id);
    expect(await community().value('SELECT expires_at FROM files')).toBe(community().clock.now);
  });

  it('is told only to readers who may have seen the message', async () => {
    await post(ann, 'one'); // 1
    const { id } = await post(ann, 'two'); // 2
    await post(ann, 'three'); // 3
    await remove(ann, id); // 4
    const told = async (seqno: number) => ids(await since(seqno)).includes(id);
    expect([await told(0), await told(1), await told(2), await told(3), await told(4)]).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('by a moderator is logged, without content; one’s own is not', async () => {
    const logged = () =>
      community().sql(
        `SELECT action, actor_id, target_id, message_id, via, detail FROM moderation_log WHERE action LIKE 'message%'`,
      );
    await remove(ann, (await post(ann, 'own')).id);
    expect(await logged()).toEqual([]);
    await appoint(ben, { moderator: true });
    const { id } = await post(ann, 'rude');
    await remove(ben, id);
    expect(await logged()).toEqual([
      {
        action: 'message.delete',
        actor_id: ben.id,
        target_id: ann.id,
        message_id: id,
        via: 'protocol',
        detail: {},
      },
    ]);
  });

  it('is refused to everybody but the author and moderators', async () => {
    const { id } = await post(ann, 'mine');
    await expect(remove(ben, id)).rejects.toMatchObject({ status: 403 });
    expect(ids(await recent())).toEqual([id]);
  });

  it('is refused where nothing is left to delete', async () => {
    const { id } = await post(ann, 'gone');
    await remove(ann, id);
    await expect(remove(ann, id)).rejects.toMatchObject({ status: 404 });
    await expect(remove(ann, 999)).rejects.toMatchObject({ status: 404 });
    expect(await sequence()).toBe(2);
  });

  it('happens once when two moderators delete at the same moment', async () => {
    await appoint(ben, { moderator: true });
    const { id } = await post(ann, 'rude');
    const outcomes = await Promise.allSettled([remove(ann, id), remove(ben, id), remove(ben, id)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await sequence()).toBe(2);
  });
});

describe('reading', () => {
  it('recent and before go backwards by id, since goes forwards by number', async () => {
    const made: MessageObject[] = [];
    for (const text of ['a', 'b', 'c', 'd']) made.push(await post(ann, text));
    const [a, b, c, d] = ids(made) as [number, number, number, number];
    await edit(ann, a, 'a2');
    expect(ids(await recent())).toEqual([d, c, b, a]);
    expect(ids(await recent(2))).toEqual([d, c]);
    expect(ids(await before(c))).toEqual([b, a]);
    expect(ids(await before(d, 2))).toEqual([c, b]);
    expect(ids(await before(0))).toEqual([]);
    expect(ids(await since(0))).toEqual([b, c, d, a]);
    expect(ids(await since(2))).toEqual([c, d, a]);
    expect(ids(await since(0, { limit: 2 }))).toEqual([b, c]);
    expect(ids(await since(5))).toEqual([]);
  });

  it('never shows another room, or what a silent filter took', async () => {
    const hidden = await post(ann, 'filtered');
    await community().sql('UPDATE messages SET filtered = true');
    const elsewhere = await community().post(await community().room('other'), ann, 'elsewhere');
    expect([await recent(), await since(0), await before(999)]).toEqual([[], [], []]);
    await expect(one(hidden.id)).rejects.toMatchObject({ status: 404 });
    await expect(one(elsewhere.id)).rejects.toMatchObject({ status: 404 });
    await remove(ann, hidden.id);
    expect(await since(1)).toEqual([]);
  });

  it('tells who reacted, oldest first, and in order of first appearance', async () => {
    const { id } = await post(ann, 'one');
    await react(id, 'b', ben, ann);
    await react(id, 'a', ann);
    await react(id, '__proto__', ben);
    const { reactions } = await community().messages.one(await community().access(room, ann), PAGE, id);
    expect(Object.entries(reactions!)).toEqual([
      ['b', { index: 0, count: 2, reactors: [ben.sessionId, ann.sessionId], you: true }],
      ['a', { index: 1, count: 1, reactors: [ann.sessionId], you: true }],
      ['__proto__', { index: 2, count: 1, reactors: [ben.sessionId] }],
    ]);
  });

  it.each([
    [1, { index: 0, count: 2, reactors: expect.any(Array) }, 1],
    [0, { index: 0, count: 2 }, undefined],
  ])('names at most %i of those who reacted', async (reactors, expected, named) => {
    const { id } = await post(ann, 'one');
    await react(id, 'x', ben, ann);
    const { reactions } = await community().messages.one(
      await community().access(room),
      { limit: 1, reactors },
      id,
    );
    expect(reactions!['x']).toEqual(expected);
    expect(reactions!['x']!.reactors?.length).toBe(named);
  });
});

describe('a reaction-only update', () => {
  it('has three keys, and comes only to those who ask for it', async () => {
    const { id } = await post(ann, 'one'); // 1
    await react(id, 'x', ben); // 2
    const reactions = { x: { index: 0, count: 1, reactors: [ben.sessionId] } };
    expect(await since(1, { reactionChanges: true })).toEqual([{ id, seqno: 2, reactions }]);
    expect(await since(1)).toEqual([]);
    expect(await since(2, { reactionChanges: true })).toEqual([]);
  });

  it('is the whole message for those who have not seen that yet', async () => {
    const posted = await post(ann, 'one');
    await react(posted.id, 'x', ben);
    for (const reactionChanges of [true, false]) {
      expect(await since(0, { reactionChanges })).toEqual([
        { ...posted, seqno: 2, reactions: { x: { index: 0, count: 1, reactors: [ben.sessionId] } } },
      ]);
    }
  });

  it('is the whole message when that was edited meanwhile', async () => {
    const { id } = await post(ann, 'one'); // 1
    await edit(ann, id, 'two'); // 2
    await react(id, 'x', ben); // 3
    expect(await since(1, { reactionChanges: true })).toEqual([
      expect.objectContaining({ id, seqno: 3, edited: community().clock.now, data: expect.any(String) }),
    ]);
    expect(await since(2, { reactionChanges: true })).toEqual([
      { id, seqno: 3, reactions: expect.anything() },
    ]);
  });
});
