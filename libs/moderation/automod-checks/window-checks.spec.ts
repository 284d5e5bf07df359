import { AutomodRoom } from '../../../test/support/automod-room.js';

const SPAM = 'Buy cheap followers at example.com';
const NEW = { ageSeconds: 60, posts: 0 };

describe('the rule against floods', () => {
  const rules = { flood: { posts: 3, seconds: 10 } };

  it('lets so many posts of one user through', async () => {
    const room = new AutomodRoom(rules);
    const found: string[][] = [];
    for (let post = 0; post < 5; post++) found.push(await room.broken(`text ${post}`));
    expect(found).toEqual([[], [], [], ['flood'], ['flood']]);
    expect(await room.broken('text', { author: 8 })).toEqual([]);
    room.now += 10;
    expect(await room.broken('text')).toEqual([]);
  });

  it('says how many there were', async () => {
    const room = new AutomodRoom({ flood: { posts: 1, seconds: 10 } });
    await room.post('a');
    expect((await room.post('b'))[0]?.detail).toEqual({ posts: 2, limit: 1, seconds: 10 });
  });

  it('goes on while posts come that are refused', async () => {
    const room = new AutomodRoom({ flood: { posts: 1, seconds: 10 } });
    await room.post('a');
    for (let post = 0; post < 5; post++) {
      room.now += 6;
      expect(await room.broken('b')).toEqual(['flood']);
    }
  });

  it('does not count edits', async () => {
    const room = new AutomodRoom(rules);
    for (let edit = 0; edit < 9; edit++) expect(await room.broken('a', { isEdit: true })).toEqual([]);
  });
});

describe('the rule against duplicates', () => {
  const rules = (more: object = {}): object => ({ duplicates: { copies: 3, seconds: 60, ...more } });

  it('lets three of 50 copies through that 10 users dress up', async () => {
    const room = new AutomodRoom(rules());
    let visible = 0;
    for (let copy = 0; copy < 50; copy++) {
      const text = [SPAM, SPAM.toUpperCase(), `${SPAM} ${copy}!!`, `🔥 ${SPAM}`, [...SPAM].join('\u200b')][
        copy % 5
      ]!;
      if ((await room.broken(text, { author: copy % 10 })).length === 0) visible++;
    }
    expect(visible).toBe(3);
    expect((await room.post(SPAM, { author: 99 }))[0]).toMatchObject({
      action: 'hide',
      detail: { what: 'text', copies: 51, people: 11, limit: 3, seconds: 60 },
    });
  });

  it('may count those of one user only', async () => {
    const room = new AutomodRoom(rules({ scope: 'user' }));
    for (let copy = 0; copy < 12; copy++) expect(await room.broken(SPAM, { author: copy % 4 })).toEqual([]);
    expect(await room.broken(SPAM, { author: 0 })).toEqual(['duplicates']);
  });

  it('passes over what everybody says', async () => {
    const room = new AutomodRoom(rules());
    for (let copy = 0; copy < 20; copy++)
      for (const text of ['lol', 'LOOOOOL!!!', 'thanks', '🔥🔥🔥', '', '👍'])
        expect(await room.broken(text, { author: copy })).toEqual([]);
    const strict = new AutomodRoom(rules({ copies: 1, textLengthMin: 3 }));
    await strict.post('lol');
    expect(await strict.broken('lol')).toEqual(['duplicates']);
  });

  it('counts files by their bytes', async () => {
    const room = new AutomodRoom(rules({ copies: 1 }));
    const file = (byte: number) => ({ sha256: Buffer.alloc(32, byte) });
    expect(await room.broken('one', { files: [file(1), file(1), file(2)] })).toEqual([]);
    expect(await room.broken('two', { files: [file(3), { sha256: null }] })).toEqual([]);
    expect((await room.post('three', { files: [file(4), file(2)] }))[0]?.detail).toMatchObject({
      what: 'file',
      copies: 2,
    });
  });

  it('counts edits, which make copies too', async () => {
    const room = new AutomodRoom(rules({ copies: 1 }));
    await room.post(SPAM, { isEdit: true });
    expect(await room.broken(SPAM, { isEdit: true })).toEqual(['duplicates']);
  });

  it('keeps rooms apart, and forgets', async () => {
    const room = new AutomodRoom(rules({ copies: 1 }));
    await room.post(SPAM);
    room.now += 60;
    expect(await room.broken(SPAM)).toEqual([]);
    expect(room.asked.every((window) => window.startsWith('1/copies/text/'))).toBe(true);
  });

  it('shows nobody the text', async () => {
    const room = new AutomodRoom(rules());
    await room.post(SPAM);
    expect(room.asked.join()).not.toMatch(/buy|cheap|example/i);
  });
});

describe('slow mode', () => {
  const rules = { slowMode: { seconds: 30 } };

  it('lets one post through in that time, and trying earlier costs nothing', async () => {
    const room = new AutomodRoom(rules);
    expect(await room.broken('a')).toEqual([]);
    for (let attempt = 0; attempt < 3; attempt++) {
      room.now += 9;
      expect(await room.broken('b')).toEqual(['slowMode']);
    }
    room.now += 3;
    expect(await room.broken('c')).toEqual([]);
    expect(await room.broken('d', { author: 8 })).toEqual([]);
    expect(await room.broken('e', { isEdit: true })).toEqual([]);
  });

  it('gives no place to a post that is refused anyway', async () => {
    const room = new AutomodRoom({ ...rules, length: { charactersMax: 3 } });
    expect(await room.broken('long text')).toEqual(['length']);
    expect(await room.broken('abc')).toEqual([]);
  });

  it('counts a post that another rule would only record', async () => {
    const room = new AutomodRoom({ ...rules, length: { charactersMax: 3, dryRun: true } });
    expect(await room.broken('long text')).toEqual(['length']);
    expect(await room.broken('abc')).toEqual(['slowMode']);
  });
});

describe('the rule against raids', () => {
  const raid = (more: object): object => ({ raid: { newcomerMinutes: 10, lockSeconds: 300, ...more } });
  const POSTS = raid({ posts: { count: 5, seconds: 60 } });
  const JOINS = raid({ joins: { count: 5, seconds: 60 } });

  it('finds many posts of several newcomers', async () => {
    const room = new AutomodRoom(POSTS);
    for (let post = 0; post < 5; post++)
      expect(await room.broken('hi', { author: post % 3, standing: NEW })).toEqual([]);
    expect((await room.post('hi', { author: 0, standing: NEW }))[0]).toMatchObject({
      rule: 'raid',
      action: 'reject',
      detail: { posts: 6, people: 3, limit: 5, seconds: 60, lockSeconds: 300 },
    });
  });

  it('is not about one who writes much, nor about people who have been here, nor about edits', async () => {
    const room = new AutomodRoom(POSTS);
    for (let post = 0; post < 20; post++) {
      expect(await room.broken('hi', { author: 1, standing: NEW })).toEqual([]);
      expect(await room.broken('hi', { author: post + 100 })).toEqual([]);
      expect(await room.broken('hi', { author: post + 200, standing: NEW, isEdit: true })).toEqual([]);
    }
  });

  it('finds many newcomers who join, each once', async () => {
    const room = new AutomodRoom(JOINS);
    for (let join = 0; join < 20; join++) expect(await room.join(join % 5, NEW)).toBeUndefined();
    for (let join = 0; join < 20; join++) expect(await room.join(join + 100)).toBeUndefined();
    expect(await room.join(5, NEW)).toEqual({
      rule: 'raid',
      action: 'reject',
      notify: false,
      dryRun: false,
      detail: { people: 6, limit: 5, seconds: 60, lockSeconds: 300 },
    });
    room.now += 60;
    expect(await room.join(6, NEW)).toBeUndefined();
  });
});
