import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { NOW } from '../../libs/coordination/nonce-store.contract.js';
import type { RedisConnection } from '../../libs/coordination/redis-connection.js';
import { RedisNonceStore, type RedisNonceStoreOptions } from '../../libs/coordination/redis-nonce-store.js';
import { describeInRedis } from '../support/redis-scene.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const MINUTE = 60;
const PORTIONS = 16;
/** Other servers' clocks may be behind by so much. */
const APART = 5 * MINUTE;

describeInRedis('nonces in Redis are swept', (scene) => {
  let now: number;

  const storeOn = (connection: RedisConnection, options: Partial<RedisNonceStoreOptions> = {}) =>
    new RedisNonceStore({
      redis: connection,
      timestampSkewSeconds: DAY,
      clock: { nowSeconds: () => now },
      sweepClock: { nowSeconds: () => now },
      restMs: 1,
      slices: 1,
      ...options,
    });

  beforeEach(() => {
    now = NOW;
  });

  /** All portions, and one turn more, which tells how many were counted. */
  async function sweepAll(store: RedisNonceStore, slices = 1): Promise<void> {
    for (let turn = 0; turn <= PORTIONS * slices; turn++) {
      await store.dropExpired();
      await delay(3); // rest
    }
  }
  /** What becomes of a request. */
  async function send(store: RedisNonceStore, timestamp: number, nonce = randomBytes(16)) {
    return store.remember(nonce, timestamp).then(
      (isNew) => (isNew ? 'new' : 'used'),
      (error: { status: number }) => error.status,
    );
  }
  async function fill(
    store: RedisNonceStore,
    count: number,
    timestamp: number,
    first?: number,
  ): Promise<void> {
    const nonces = Array.from({ length: count }, () => randomBytes(16));
    if (first !== undefined) for (const nonce of nonces) nonce.fill(first, 0, 2);
    const answers = await Promise.all(nonces.map((nonce) => send(store, timestamp, nonce)));
    expect(answers).toEqual(Array(count).fill('new'));
  }
  const shards = async () =>
    (await scene.server.ask((ask) => ask.keys('*'))).filter(
      (key) => !/:(floor|rest|turns|counts)$/.test(key),
    );
  const setMemory = (bytes: number) => scene.server.ask((ask) => ask.config('SET', 'maxmemory', bytes));

  it.each([-DAY, -1, 0, DAY - 1, DAY])(
    'when no server takes their time any more, %i seconds from now',
    async (offset) => {
      const store = storeOn(scene.redis);
      const nonce = randomBytes(16);
      await store.remember(nonce, NOW + offset);
      now = NOW + offset + DAY + APART;
      await sweepAll(store);
      expect([await store.has(nonce), store.size]).toEqual([true, 1]);
      now += HOUR;
      await sweepAll(store);
      expect([await store.has(nonce), store.size]).toEqual([false, 0]);
    },
  );

  it('with their keys, and all that was ever written goes by itself when no server is left', async () => {
    const store = storeOn(scene.redis);
    await fill(store, 100, NOW);
    await sweepAll(store);
    const keys = await scene.server.ask((ask) => ask.keys('*'));
    for (const key of keys.filter((each) => !each.endsWith(':rest'))) {
      const left = await scene.server.ask((ask) => ask.ttl(key));
      expect({ key, isKept: left >= 2 * DAY, isForEver: left > 10 * DAY }).toMatchObject({
        key,
        isKept: true,
        isForEver: false,
      });
    }
    now += DAY + 2 * HOUR;
    await sweepAll(store);
    expect(await shards()).toEqual([]);
  });

  it('not because a clock is ahead: that of Redis or ours', async () => {
    const store = storeOn(scene.redis);
    const nonce = randomBytes(16);
    now = Math.floor(Date.now() / 1000);
    await store.remember(nonce, now);
    now += 3 * DAY;
    await sweepAll(store);
    now -= 3 * DAY;
    expect(await storeOn(scene.other).remember(nonce, now)).toBe(false);
    now -= 30 * DAY; // as if Redis were ahead
    const early = randomBytes(16);
    await store.remember(early, now);
    await sweepAll(store);
    expect(await store.has(early)).toBe(true);
    for (const days of [90, 130, 170, 20_000]) {
      now -= days * DAY;
      await sweepAll(store);
      expect(await store.has(early)).toBe(true);
    }
  });

  it('by one server at a time', async () => {
    const [first, second] = [scene.redis, scene.other].map((each) => storeOn(each, { restMs: 60_000 }));
    await fill(first!, 200, NOW);
    for (const store of [first!, second!, first!, second!]) await store.dropExpired();
    expect(await scene.server.ask((ask) => ask.hlen('a:nonces:counts'))).toBe(1);
  });

  it('and counted for all servers', async () => {
    const store = storeOn(scene.redis);
    await fill(store, 500, NOW - DAY);
    await fill(store, 300, NOW);
    await sweepAll(store);
    expect(store.size).toBe(800);
    const second = storeOn(scene.other);
    await second.dropExpired();
    expect(second.size).toBe(800);
    now = NOW + 2 * HOUR;
    await sweepAll(second);
    expect(second.size).toBe(300);
  });

  it('a slice at a time while there is room, and counted all the while', async () => {
    const store = storeOn(scene.redis, { slices: 4 });
    await fill(store, 500, NOW - DAY);
    now = NOW + 2 * HOUR;
    await sweepAll(store);
    expect(store.size).toBeGreaterThan(250);
    expect(store.size).toBeLessThan(500);
    await sweepAll(store, 3);
    expect([store.size, await shards()]).toEqual([0, []]);
  });

  it('also where somebody has chosen them so that all come to one place', async () => {
    const store = storeOn(scene.redis);
    await fill(store, 3000, NOW - DAY, 7);
    await fill(store, 2000, NOW, 7);
    now = NOW + 2 * HOUR;
    await sweepAll(store);
    const [only, ...more] = await shards();
    expect([await scene.server.ask((ask) => ask.hlen(only!)), more]).toEqual([2000, []]);
    expect(store.size).toBe(4500); // by the room that they take there
  });

  it('also where Redis is full, which refuses new ones', async () => {
    const store = storeOn(scene.redis);
    await fill(store, 100, NOW - DAY);
    now = NOW + 2 * HOUR;
    await setMemory(1);
    await expect(store.remember(randomBytes(16), now)).rejects.toThrow('Redis is not available');
    await sweepAll(store);
    await setMemory(0);
    expect(await shards()).toEqual([]);
    await fill(store, 1, now);
  });

  it('not in the first hour of a server, whose clock may yet be set right', async () => {
    const { redis } = scene;
    const clock = { nowSeconds: () => now };
    const store = new RedisNonceStore({ redis, timestampSkewSeconds: DAY, clock, restMs: 1, slices: 1 });
    await fill(store, 10, NOW);
    now = NOW + 3 * DAY;
    await sweepAll(store);
    expect(store.size).toBe(10);
  });

  describe('earlier where there is little room', () => {
    it('also where Redis is full', async () => {
      const store = storeOn(scene.redis, { entriesMax: 100 });
      await fill(store, 60, NOW - 10 * HOUR);
      await fill(store, 20, NOW);
      await sweepAll(store); // counts
      await setMemory(1);
      await sweepAll(store);
      await setMemory(0);
      expect(store.size).toBeLessThan(50);
      expect(await send(storeOn(scene.other), NOW - 10 * HOUR)).toBe(425);
    });

    it('and times have to be nearer to now the less there is', async () => {
      const store = storeOn(scene.redis, { entriesMax: 100 });
      await fill(store, 50, NOW + DAY);
      await sweepAll(store);
      for (const offset of [DAY, -DAY, 2 * HOUR + 1, -2 * HOUR - 1])
        expect(await send(store, NOW + offset)).toBe(425);
      await fill(store, 25, NOW + 2 * HOUR);
      await sweepAll(store);
      for (const offset of [2 * HOUR, -16 * MINUTE]) expect(await send(store, NOW + offset)).toBe(425);
      await fill(store, 25, NOW - 15 * MINUTE);
      await sweepAll(store);
      expect(store.size).toBe(100);
      await expect(store.remember(randomBytes(16), NOW)).rejects.toMatchObject({
        status: 503,
        headers: { 'retry-after': '60' },
      });
    });

    it('and what went is not taken again by any server, also when there is room', async () => {
      const store = storeOn(scene.redis, { entriesMax: 100 });
      const nonce = randomBytes(16);
      await store.remember(nonce, NOW - 10 * HOUR);
      await fill(store, 10, NOW - 10 * HOUR);
      await fill(store, 60, NOW);
      await sweepAll(store); // counts
      await sweepAll(store); // and drops
      expect([await store.has(nonce), store.size]).toEqual([false, 60]);
      const roomy = storeOn(scene.other);
      await sweepAll(roomy);
      for (const each of [roomy, storeOn(scene.other)]) {
        expect(await send(each, NOW - 10 * HOUR, nonce)).toBe(425);
        expect(await send(each, NOW - HOUR)).toBe('new');
        expect(await send(each, NOW + DAY)).toBe('new');
      }
    });
  });

  it('so that none is accepted twice while the first request could be replayed', async () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ nonce: fc.nat(20), offset: fc.integer({ min: -DAY, max: DAY }) }),
      },
      { weight: 1, arbitrary: fc.constant('sweep' as const) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: DAY }).map((wait) => ({ wait })) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 50 }),
        fc.constantFrom(8, 1000),
        async (steps, entriesMax) => {
          await scene.server.ask((ask) => ask.flushall());
          now = NOW;
          const stores = [storeOn(scene.redis, { entriesMax }), storeOn(scene.other)];
          const acceptableUntil = new Map<number, number>();
          for (const [at, each] of steps.entries()) {
            const store = stores[at % 2]!;
            if (each === 'sweep') await sweepAll(store);
            else if ('wait' in each) now += each.wait;
            else {
              const answer = await send(store, now + each.offset, Buffer.alloc(16, each.nonce));
              if ((acceptableUntil.get(each.nonce) ?? -1) >= now) expect(answer).not.toBe('new');
              if (answer === 'new') acceptableUntil.set(each.nonce, now + each.offset + DAY);
            }
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
