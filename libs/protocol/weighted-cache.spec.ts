import fc from 'fast-check';
import { WeightedCache } from './weighted-cache.js';

const thing = (name: string): { name: string } => ({ name });

describe('a weighted cache', () => {
  it('forgets what was not used to make room', () => {
    const forgotten: string[] = [];
    const cache = new WeightedCache<string, { name: string }>(3, (key) => forgotten.push(key));
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, thing(key), 1);
    expect(forgotten).toEqual(['a']); // all were new, so the first that came
    cache.get('b');
    cache.set('e', thing('e'), 1);
    expect(forgotten).toEqual(['a', 'c']);
    expect(cache.get('b')).toEqual(thing('b'));
  });

  it('counts weights, and new weights of what is there', () => {
    const cache = new WeightedCache<string, { name: string }>(10);
    const a = thing('a');
    cache.set('a', a, 2);
    cache.set('b', thing('b'), 3);
    expect(cache.weight).toBe(5);
    cache.reweigh('a', a, 6);
    expect(cache.weight).toBe(9);
    cache.set('b', thing('b'), 1);
    expect(cache.weight).toBe(7);
    cache.delete('a');
    expect([cache.weight, cache.size]).toEqual([1, 1]);
    cache.clear();
    expect([cache.weight, cache.size]).toEqual([0, 0]);
  });

  it('does not weigh anew what was replaced meanwhile', () => {
    const cache = new WeightedCache<string, { name: string }>(10);
    const old = thing('a');
    cache.set('a', old, 1);
    cache.set('a', thing('a'), 1);
    cache.reweigh('a', old, 9);
    expect(cache.weight).toBe(1);
  });

  it('lets nothing that is too heavy drive the others out', () => {
    const forgotten: string[] = [];
    const cache = new WeightedCache<string, { name: string }>(3, (key) => forgotten.push(key));
    const b = thing('b');
    cache.set('a', thing('a'), 1);
    cache.set('b', b, 1);
    cache.set('c', thing('c'), 4);
    cache.reweigh('b', b, 4);
    expect([...cache.values()]).toEqual([thing('a')]);
    expect(forgotten).toEqual(['b']);
  });

  it('needs room for something', () => {
    for (const weight of [0, -1, Number.NaN]) expect(() => new WeightedCache(weight)).toThrow(RangeError);
  });

  it('never holds more than is allowed, and weighs what its entries weigh, whatever is done to it', () => {
    const action = fc.record({
      kind: fc.constantFrom('set' as const, 'get' as const, 'delete' as const, 'reweigh' as const),
      key: fc.nat(8),
      weight: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
        const weights = new Map<number, number>();
        const cache = new WeightedCache<number, { key: number }>(10, (key) => weights.delete(key));
        for (const { kind, key, weight } of actions) {
          const known = cache.get(key);
          if (kind === 'set') {
            weights.delete(key);
            if (weight <= 10) weights.set(key, weight);
            cache.set(key, { key }, weight);
          } else if (kind === 'delete') {
            weights.delete(key);
            cache.delete(key);
          } else if (kind === 'reweigh' && known) {
            weights.set(key, weight);
            cache.reweigh(key, known, weight);
          }
          expect(cache.weight).toBeLessThanOrEqual(10);
          expect(cache.weight).toBe([...weights.values()].reduce((sum, one) => sum + one, 0));
          expect(cache.size).toBe(weights.size);
        }
      }),
    );
  });
});
