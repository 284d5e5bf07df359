import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene, tableState } from '../support/room-scene.js';

const community = allWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });

let scene: RoomScene;
let ann: Member;
let ben: Member;
let mod: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  [ann, ben, mod] = [
    await scene.member('ann'),
    await scene.member('ben'),
    await scene.member('mod', { moderator: true }),
  ];
});

const sequence = async () => (await scene.counters()).messageSequence;
const reactionsOf = async (id: number, viewer?: Member) => (await scene.message(id, viewer)).reactions!;

describe('a reaction', () => {
  it('is new the first time and takes a number; done again it is neither, and changes nothing', async () => {
    const { id } = await scene.post(ann); // 1
    expect(await scene.react(ben, id, '👍')).toEqual({ added: true, seqno: 2 });
    const before = await tableState(community());
    expect(await scene.react(ben, id, '👍')).toEqual({ added: false, seqno: 2 });
    expect(await tableState(community())).toEqual(before);
  });

  it('can be taken back, which takes a number too; done again it changes nothing', async () => {
    const { id } = await scene.post(ann); // 1
    await scene.react(ben, id, '👍'); // 2
    expect(await scene.unreact(ben, id, '👍')).toEqual({ removed: true, seqno: 3 });
    const before = await tableState(community());
    expect(await scene.unreact(ben, id, '👍')).toEqual({ removed: false, seqno: 3 });
    expect(await tableState(community())).toEqual(before);
    expect(await reactionsOf(id)).toEqual({});
  });

  it('of somebody else cannot be taken back', async () => {
    const { id } = await scene.post(ann);
    await scene.react(ben, id, '👍');
    expect(await scene.unreact(ann, id, '👍')).toEqual({ removed: false, seqno: 2 });
    expect(await reactionsOf(id)).toMatchObject({ '👍': { count: 1 } });
  });

  it('that is no news is answered with the number of the last change, whatever that was', async () => {
    const { id } = await scene.post(ann); // 1
    await scene.react(ben, id, '👍'); // 2
    await scene.edit(ann, id, 'other'); // 3
    expect(await scene.react(ben, id, '👍')).toEqual({ added: false, seqno: 3 });
    expect(await scene.unreact(ben, id, '🎉')).toEqual({ removed: false, seqno: 3 });
  });

  it('takes numbers of the message’s own room only', async () => {
    const other = await RoomScene.of(community(), 'other');
    const { id } = await scene.post(ann);
    await scene.react(ben, id, '👍');
    expect(await other.counters()).toEqual({ messageSequence: 0, infoUpdates: 0 });
  });

  it('needs no right to write', async () => {
    const { id } = await scene.post(ann);
    await community().rooms.update(community().operator, scene.token, { defaultWrite: false });
    expect(await scene.react(ben, id, '👍')).toMatchObject({ added: true });
  });
});

describe('the reactions of a message', () => {
  it('stand in the order of their first appearance, with the first to react first', async () => {
    const { id } = await scene.post(ann);
    for (const [who, emoji] of [
      [ann, 'b'],
      [ben, 'a'],
      [mod, 'b'],
      [ben, 'b'],
    ] as const) {
      community().clock.now += 1;
      await scene.react(who, id, emoji);
    }
    expect(await reactionsOf(id)).toEqual({
      b: { index: 0, count: 3, reactors: [ann.sessionId, mod.sessionId, ben.sessionId] },
      a: { index: 1, count: 1, reactors: [ben.sessionId] },
    });
  });

  it('have one that everybody removed and somebody added again at the end', async () => {
    const { id } = await scene.post(ann);
    await scene.react(ann, id, 'first');
    await scene.react(ann, id, 'second');
    await scene.unreact(ann, id, 'first');
    await scene.react(ben, id, 'first');
    expect(await reactionsOf(id)).toMatchObject({ second: { index: 0 }, first: { index: 1 } });
  });

  it('keep the place of one that somebody still has', async () => {
    const { id } = await scene.post(ann);
    await scene.react(ann, id, 'first');
    await scene.react(ben, id, 'first');
    await scene.react(ann, id, 'second');
    await scene.unreact(ann, id, 'first');
    await scene.react(ann, id, 'first');
    expect(await reactionsOf(id)).toMatchObject({ first: { index: 0, count: 2 }, second: { index: 1 } });
  });

  it('say "you" to those who are among them, and nothing to others', async () => {
    const { id } = await scene.post(ann);
    await scene.react(ben, id, '👍');
    expect((await reactionsOf(id, ben))['👍']).toMatchObject({ you: true });
    for (const other of [ann, undefined])
      expect((await reactionsOf(id, other))['👍']).not.toHaveProperty('you');
  });

  it.each(['__proto__', 'constructor', 'a/b', '/', '%2F', '"', '👩‍👩‍👧‍👦', 'é', 'e\u0301'])(
    'may be %j, and come back as they were given',
    async (emoji) => {
      const { id } = await scene.post(ann);
      expect(await scene.react(ben, id, emoji)).toMatchObject({ added: true });
      expect(JSON.parse(JSON.stringify(await scene.message(id)))).toHaveProperty('reactions');
      expect(Object.keys(await reactionsOf(id))).toEqual([emoji]);
      expect(await scene.unreact(ben, id, emoji)).toMatchObject({ removed: true });
    },
  );
});

describe('clearing', () => {
  const give = async (id: number) => {
    for (const who of [ann, ben, mod]) await scene.react(who, id, '👍');
    await scene.react(ann, id, '🎉');
  };

  it('one emoji removes everybody’s, each with a number of its own', async () => {
    const { id } = await scene.post(ann); // 1
    await give(id); // 2…5
    expect(await scene.clear(mod, id, '👍')).toEqual({ removed: 3, seqno: 8 });
    expect(await sequence()).toBe(8);
    expect(await reactionsOf(id)).toMatchObject({ '🎉': { index: 0, count: 1 } });
  });

  it('all of them removes everybody’s, each with a number of its own', async () => {
    const { id } = await scene.post(ann); // 1
    await give(id); // 2…5
    expect(await scene.clear(mod, id)).toEqual({ removed: 4, seqno: 9 });
    expect(await sequence()).toBe(9);
    expect(await reactionsOf(id)).toEqual({});
    expect(
      await community().value(
        'SELECT count(*) FROM reactors JOIN reactions ON reactions.id = reaction_id WHERE message_id = $1',
        [id],
      ),
    ).toBe(0);
  });

  it('is seen by those who follow as one update', async () => {
    const { id } = await scene.post(ann);
    await give(id);
    await scene.clear(mod, id);
    expect(await scene.since(5)).toEqual([{ id, seqno: 9, reactions: {} }]);
  });

  it.each([['one'], [undefined]])(
    'nothing (%s) changes nothing, and is nothing for the log',
    async (emoji) => {
      const { id } = await scene.post(ann);
      const before = await tableState(community());
      expect(await scene.clear(mod, id, emoji)).toEqual({ removed: 0, seqno: 1 });
      expect(await tableState(community())).toEqual(before);
    },
  );

  it('leaves other messages alone', async () => {
    const [first, second] = [await scene.post(ann), await scene.post(ann)];
    await scene.react(ben, first.id, '👍');
    await scene.react(ben, second.id, '👍');
    await scene.clear(mod, first.id);
    expect(await reactionsOf(second.id)).toMatchObject({ '👍': { count: 1 } });
  });

  it('is logged', async () => {
    const { id } = await scene.post(ann);
    await give(id);
    await scene.clear(mod, id);
    expect((await scene.logged()).at(-1)).toBe('reactions.clear');
  });
});

describe('the list of reactors', () => {
  it.each([
    [undefined, 3],
    [1, 1],
    [2, 2],
    [9, 3],
  ])('is the oldest first, with limit %s %i of three', async (limit, length) => {
    const { id } = await scene.post(ann);
    const expected: { sessionId: string; reactedAt: number }[] = [];
    for (const who of [ben, ann, mod]) {
      community().clock.now += 1.5;
      await scene.react(who, id, '👍');
      expected.push({ sessionId: who.sessionId, reactedAt: community().clock.now });
    }
    expect(await scene.reactors(ann, id, '👍', limit)).toEqual(expected.slice(0, length));
  });

  it('is empty where nobody reacted so', async () => {
    const { id } = await scene.post(ann);
    expect(await scene.reactors(ann, id, '👍')).toEqual([]);
  });
});

describe('reacting is possible with regular messages only', () => {
  const others: Record<string, () => Promise<number>> = {
    'never there': async () => 999_999,
    deleted: async () => {
      const { id } = await scene.post(ann);
      await scene.delete(ann, id);
      return id;
    },
    'of another room': async () => (await (await RoomScene.of(community(), 'other')).post(ann)).id,
    filtered: async () => {
      const { id } = await scene.post(ann);
      await scene.filter(id);
      return id;
    },
    'a whisper to moderators': async () => (await scene.post(mod, { whisper_mods: true })).id,
    'a whisper to somebody': async () => (await scene.post(mod, { whisper_to: ann.sessionId })).id,
  };

  it.each(Object.keys(others))('404 for one that is %s, with every call', async (kind) => {
    const id = await others[kind]!();
    const before = await tableState(community());
    const refused = { status: 404 };
    await expect(scene.react(mod, id, '👍')).rejects.toMatchObject(refused);
    await expect(scene.unreact(mod, id, '👍')).rejects.toMatchObject(refused);
    await expect(scene.clear(mod, id, '👍')).rejects.toMatchObject(refused);
    await expect(scene.clear(mod, id)).rejects.toMatchObject(refused);
    await expect(scene.reactors(mod, id, '👍')).rejects.toMatchObject(refused);
    expect(await tableState(community())).toEqual(before);
  });
});

describe('a reaction has 1 to 12 code points', () => {
  it.each(['1', '123456789012', '😀'.repeat(12)])('%j is taken', async (emoji) => {
    const { id } = await scene.post(ann);
    expect(await scene.react(ben, id, emoji)).toMatchObject({ added: true });
  });

  it.each(['1234567890123', '😀'.repeat(13), 'a\0b'])(
    '%j is 400 with every call, also where the message is not there',
    async (emoji) => {
      const { id } = await scene.post(ann);
      const refused = { status: 400 };
      for (const target of [id, 999_999]) {
        await expect(scene.react(mod, target, emoji)).rejects.toMatchObject(refused);
        await expect(scene.unreact(mod, target, emoji)).rejects.toMatchObject(refused);
        await expect(scene.clear(mod, target, emoji)).rejects.toMatchObject(refused);
        await expect(scene.reactors(mod, target, emoji)).rejects.toMatchObject(refused);
      }
      expect(await sequence()).toBe(1);
    },
  );
});

describe('the variety of reactions', () => {
  it('ends at 20 of one user on a message; more of what is there is no variety', async () => {
    const { id } = await scene.post(ann);
    for (let n = 0; n < 20; n++) await scene.react(ben, id, `r${n}`);
    const before = await tableState(community());
    await expect(scene.react(ben, id, 'r20')).rejects.toMatchObject({ status: 400 });
    expect(await scene.react(ben, id, 'r19')).toMatchObject({ added: false });
    expect(await tableState(community())).toEqual(before);
    expect(await scene.react(ann, id, 'r20')).toMatchObject({ added: true });
    await scene.unreact(ben, id, 'r0');
    expect(await scene.react(ben, id, 'r20')).toMatchObject({ added: true });
  });

  it('ends at 100 on a message; joining one of them is possible', async () => {
    const { id } = await scene.post(ann);
    for (let n = 0; n < 5; n++) {
      const user = await scene.member(`user ${n}`);
      for (let m = 0; m < 20; m++) await scene.react(user, id, `r${n}-${m}`);
    }
    await expect(scene.react(ben, id, 'one more')).rejects.toMatchObject({ status: 400 });
    expect(await scene.react(ben, id, 'r4-19')).toMatchObject({ added: true });
    const { id: next } = await scene.post(ann);
    expect(await scene.react(ben, next, 'one more')).toMatchObject({ added: true });
  });
});

describe('reactions at the same moment', () => {
  it('of one user are one reaction with one number', async () => {
    const { id } = await scene.post(ann);
    const answers = await Promise.all(Array.from({ length: 8 }, () => scene.react(ben, id, '👍')));
    expect(answers.filter(({ added }) => added)).toHaveLength(1);
    expect(answers.every(({ seqno }) => seqno === 2)).toBe(true);
    expect(await sequence()).toBe(2);
  });

  it('of many users take a number each', async () => {
    const { id } = await scene.post(ann);
    const users = await Promise.all(Array.from({ length: 8 }, (_, n) => scene.member(`user ${n}`)));
    const answers = await Promise.all(users.map((user) => scene.react(user, id, '👍')));
    expect(answers.map(({ seqno }) => seqno).sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await reactionsOf(id)).toMatchObject({ '👍': { index: 0, count: 8 } });
  });

  it('as the deletion of their message leave nothing behind', async () => {
    const { id } = await scene.post(ann);
    const reacting = [ann, ben, mod].map((who) =>
      scene.react(who, id, '👍').catch((error: { status: number }) => error.status),
    );
    await Promise.all([...reacting, scene.delete(ann, id)]);
    expect((await Promise.all(reacting)).every((each) => each === 404 || typeof each === 'object')).toBe(
      true,
    );
    expect(await community().value('SELECT count(*) FROM reactions WHERE message_id = $1', [id])).toBe(0);
    const [tombstone] = await scene.since(1);
    expect(tombstone).toMatchObject({ id, deleted: true, seqno: await sequence() });
  });
});
