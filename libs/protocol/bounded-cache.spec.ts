import fc from 'fast-check';
import { BoundedCache } from './bounded-cache.js';

describe('a bounded cache', () => {
  it('answers what was put in, and undefined for the rest', () => {
    const cache = new BoundedCache<string, number | null>(2);
    cache.set('a', 1);
    cache.set('b', null);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, null, undefined]);
  });

  it('forgets the least recently used entry to make room', () => {
    const cache = new BoundedCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.has('a'), cache.has('b'), cache.has('c')]).toEqual([true, false, true]);
  });

  it('counts setting as using, and replaces without forgetting another', () => {
    const cache = new BoundedCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.set('a', 3);
    expect([cache.get('a'), cache.get('b'), cache.size]).toEqual([3, 2, 2]);
    cache.set('a', 4);
    cache.set('c', 5);
    expect(cache.has('b')).toBe(false);
  });

  it('does not count looking whether a key is there as using', () => {
    const cache = new BoundedCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.has('a');
    cache.set('c', 3);
    expect(cache.has('a')).toBe(false);
  });

  it('can be told to forget', () => {
    const cache = new BoundedCache<string, number>(2);
    cache.set('a', 1);
    expect([cache.delete('a'), cache.delete('a'), cache.size]).toEqual([true, false, 0]);
    cache.set('b', 1);
    cache.clear();
    expect(cache.size).toBe(0);
  });

  it('never holds more than it may, and always the entry set last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 9 })), (max, keys) => {
        const cache = new BoundedCache<number, number>(max);
        for (const key of keys) {
          cache.set(key, key);
          expect(cache.size).toBeLessThanOrEqual(max);
          expect(cache.get(key)).toBe(key);
        }
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('is not made for %d entries', (max) => {
    expect(() => new BoundedCache(max)).toThrow(RangeError);
  });
});
