import { BatchStint, BatchTurns } from './batch-turns.js';

const turn = (): Promise<void> => new Promise(setImmediate);

/** How many parts a batch does until it has to wait. */
async function partsOf(stint: BatchStint, answerBytes: number): Promise<number> {
  for (let parts = 1; ; parts++) {
    stint.partDone(answerBytes);
    if (!stint.isLong) continue;
    expect(await stint.turn()).toBe(true);
    return parts;
  }
}

describe('a batch', () => {
  it('goes on for 25 small parts, and then for as many again', async () => {
    const stint = new BatchStint(new BatchTurns(), () => true);
    expect([await partsOf(stint, 10), await partsOf(stint, 10)]).toEqual([25, 25]);
  });

  it('goes on for 64 KiB of answers', async () => {
    const stint = new BatchStint(new BatchTurns(), () => true);
    expect([await partsOf(stint, 40_000), await partsOf(stint, 70_000)]).toEqual([2, 1]);
  });
});

describe('a batch that nobody waits for any more', () => {
  it('ends when its turn comes, and not before it is long', async () => {
    const stint = new BatchStint(new BatchTurns(), () => false);
    stint.partDone(60_000);
    expect(stint.isLong).toBe(false);
    stint.partDone(60_000);
    expect(stint.isLong).toBe(true);
    expect(await stint.turn()).toBe(false);
  });
});

describe('long batches', () => {
  it('go on one per turn of the event loop, in the order in which they came', async () => {
    const turns = new BatchTurns();
    const seen: string[] = [];
    const runs = ['a', 'b', 'c'].map(async (name) => {
      for (let time = 0; time < 2; time++) {
        await turns.next();
        seen.push(name);
      }
    });
    const counts: number[] = [];
    for (let time = 0; time < 8; time++) {
      await turn();
      counts.push(seen.length);
    }
    await Promise.all(runs);
    expect(seen.join('')).toBe('abcabc');
    counts.reduce((before, now) => {
      expect(now - before).toBeLessThanOrEqual(1);
      return now;
    }, 0);
    expect(counts.at(-1)).toBe(6);
  });

  it('may be there again after none was', async () => {
    const turns = new BatchTurns();
    await turns.next();
    await turn();
    await turns.next();
  });
});
