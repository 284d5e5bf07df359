import fc from 'fast-check';
import { IdSet } from './id-set.js';

describe('a set of ids', () => {
  it('has what was added, once, and nothing else', () => {
    const ids = fc.array(fc.oneof(fc.nat(100_000), fc.maxSafeNat()), { maxLength: 200 });
    fc.assert(
      fc.property(ids, ids, (added, others) => {
        const set = new IdSet();
        for (const id of [...added, ...added]) set.add(id);
        const expected = new Set(added);
        expect(set.size).toBe(expected.size);
        for (const id of [...added, ...others]) expect(set.has(id)).toBe(expected.has(id));
      }),
    );
  });

  it('holds a million ids in a row in little memory, and knows its neighbours', () => {
    const set = new IdSet();
    const before = process.memoryUsage().arrayBuffers;
    for (let id = 5_000_000; id < 6_000_000; id++) set.add(id);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect([set.has(4_999_999), set.has(5_000_000), set.has(5_999_999), set.has(6_000_000)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('is full at some time, rather than to take all memory', () => {
    const set = new IdSet();
    const far = (at: number): number => at * 1_000_000;
    for (let at = 0; at < 32_768; at++) set.add(far(at));
    expect(() => set.add(far(40_000))).toThrow(RangeError);
    expect(set.has(far(40_000))).toBe(false);
    expect(() => set.add(far(5) + 1)).not.toThrow();
  });
});
