import { setTimeout as delay } from 'node:timers/promises';
import { Pieces } from './pieces.js';

class AwayError extends Error {}

/** Answers `<key>:<item>`, one piece per call of `finish`. */
function scene({ itemsMax = 100, bytesMax = 1_000 } = {}) {
  const pieces: { key: string; items: readonly string[] }[] = [];
  const ends: (() => void)[] = [];
  let isAway = false;
  const all = new Pieces<string, string, string>({
    carryOut: async (key, items) => {
      pieces.push({ key, items });
      await new Promise<void>((resolve) => ends.push(resolve));
      if (isAway) throw new AwayError('away');
      const bad = items.find((item) => item.startsWith('bad'));
      if (bad !== undefined) throw new Error(`not ${bad}`);
      return items.map((item) => `${key}:${item}`);
    },
    itemsMax,
    bytesMax,
    bytesOf: (item) => item.length,
    concernsAll: (error) => error instanceof AwayError,
  });
  const finish = async (): Promise<void> => {
    ends.shift()!();
    await delay(0);
  };
  return {
    all,
    pieces,
    finish,
    goAway: () => {
      isAway = true;
    },
    items: () => pieces.map(({ items }) => items),
  };
}

describe('pieces of work', () => {
  it('carry the first out at once, and together what came meanwhile, in its order', async () => {
    const { all, finish, items } = scene();
    const answers = Promise.all(['a', 'b', 'c'].map((item) => all.add('x', item)));
    expect(items()).toEqual([['a']]);
    await finish();
    expect(items()).toEqual([['a'], ['b', 'c']]);
    await finish();
    expect(await answers).toEqual(['x:a', 'x:b', 'x:c']);
  });

  it('begin anew when nothing was left', async () => {
    const { all, finish, items } = scene();
    for (const item of ['a', 'b']) {
      const answer = all.add('x', item);
      await finish();
      expect(await answer).toBe(`x:${item}`);
    }
    expect(items()).toEqual([['a'], ['b']]);
  });

  it('of one key do not wait for those of another', () => {
    const { all, pieces } = scene();
    void all.add('x', 'a');
    void all.add('y', 'b');
    expect(pieces.map(({ key }) => key)).toEqual(['x', 'y']);
  });

  it('have no more items, and no more bytes, than they may', async () => {
    const { all, finish, items } = scene({ itemsMax: 3, bytesMax: 10 });
    const sizes = [1, 4, 4, 4, 1, 1, 1, 50, 1];
    const answers = Promise.all(sizes.map((size, at) => all.add('x', `${at}`.padEnd(size))));
    for (let piece = 0; piece < 6; piece++) await finish();
    await answers;
    expect(items().map((piece) => piece.map((item) => Number(item)))).toEqual([
      [0],
      [1, 2],
      [3, 4, 5],
      [6],
      [7],
      [8],
    ]);
  });

  it('fail only for those of their items that are to blame', async () => {
    const { all, finish, items } = scene();
    const answers = Promise.allSettled(['a', 'b', 'bad', 'c', 'bad too'].map((item) => all.add('x', item)));
    for (let piece = 0; piece < 6; piece++) await finish();
    expect((await answers).map((each) => (each.status === 'fulfilled' ? each.value : each.reason))).toEqual([
      'x:a',
      'x:b',
      new Error('not bad'),
      'x:c',
      new Error('not bad too'),
    ]);
    expect(items()).toEqual([['a'], ['b', 'bad', 'c', 'bad too'], ['b'], ['bad'], ['c'], ['bad too']]);
  });

  it('refuse all that wait when nobody is to blame, and begin anew', async () => {
    const { all, finish, goAway, items } = scene({ itemsMax: 2 });
    const answers = Promise.allSettled(['a', 'b', 'c', 'd'].map((item) => all.add('x', item)));
    goAway();
    await finish();
    for (const answer of await answers)
      expect(answer).toEqual({ status: 'rejected', reason: new AwayError('away') });
    expect(items()).toEqual([['a']]);
    void all.add('x', 'e');
    expect(items()).toEqual([['a'], ['e']]);
  });
});
