import { allTallies, Tally } from './tally.js';

const countsOf = (tally: Tally) => [...tally.counts()].map(({ labels, count }) => [...labels, count]);

describe('a tally', () => {
  it('counts by labels', () => {
    const tally = new Tally('test_labels_total', 'For a test', ['route', 'status']);
    tally.add('GET /rooms', '200');
    tally.add('GET /rooms', '404');
    tally.add('GET /rooms', '200');
    expect(countsOf(tally)).toEqual([
      ['GET /rooms', '200', 2],
      ['GET /rooms', '404', 1],
    ]);
  });

  it('without labels is one number', () => {
    const tally = new Tally('test_plain_total', 'For a test', []);
    tally.add();
    tally.add();
    expect(countsOf(tally)).toEqual([[2]]);
  });

  it('holds no more series than it may, whatever it is given, and loses no count', () => {
    const tally = new Tally('test_bounded_total', 'For a test', ['path']);
    for (let at = 0; at < 3_000; at++) tally.add(`path ${at}`);
    const counts = countsOf(tally);
    expect(counts).toHaveLength(2_001);
    expect(counts.at(-1)).toEqual(['other', 1_000]);
  });

  it('is known by its name, of which there is one', () => {
    const tally = new Tally('test_named_total', 'For a test', []);
    expect(allTallies()).toContain(tally);
    expect(() => new Tally('test_named_total', 'For a test', [])).toThrow('test_named_total');
  });
});
