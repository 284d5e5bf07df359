import { randomBytes } from 'node:crypto';
import { describeNonceStore, NOW } from '../../libs/coordination/nonce-store.contract.js';
import type { RedisConnection } from '../../libs/coordination/redis-connection.js';
import { RedisNonceStore } from '../../libs/coordination/redis-nonce-store.js';
import { describeInRedis } from '../support/redis-scene.js';

jest.setTimeout(180_000);

const SKEW = 86_400;

describeInRedis('nonces in Redis', (scene) => {
  let now: number;

  const storeOn = (connection: RedisConnection): RedisNonceStore =>
    new RedisNonceStore({ redis: connection, timestampSkewSeconds: SKEW, clock: { nowSeconds: () => now } });

  beforeEach(() => {
    now = NOW;
  });

  describeNonceStore('Redis', () => Promise.resolve(storeOn(scene.redis)));

  it('are known to every server of the community, and after its restart', async () => {
    const nonce = randomBytes(16);
    expect(await storeOn(scene.redis).remember(nonce, NOW)).toBe(true);
    expect(await storeOn(scene.other).remember(nonce, NOW)).toBe(false);
    const restarted = await scene.connect();
    expect(await storeOn(restarted).has(nonce)).toBe(true);
    expect(await storeOn(restarted).remember(nonce, NOW + 1)).toBe(false);
    await restarted.close();
  });

  it('go to exactly one of many parallel calls at several servers, whatever the timestamps', async () => {
    const stores = [storeOn(scene.redis), storeOn(scene.other)];
    for (let round = 0; round < 50; round++) {
      const nonce = randomBytes(16);
      const calls = Array.from({ length: 10 }, (_, at) =>
        stores[at % 2]!.remember(nonce, NOW + ((at % 3) - 1) * 80_000),
      );
      expect((await Promise.all(calls)).filter((isNew) => isNew)).toHaveLength(1);
    }
  });

  it('are not those of another community on the same Redis', async () => {
    const elsewhere = await scene.connect('b:');
    const nonce = randomBytes(16);
    await storeOn(scene.redis).remember(nonce, NOW);
    expect(await storeOn(elsewhere).remember(nonce, NOW)).toBe(true);
    await elsewhere.close();
  });

  it.each(['0000000000000000', '1234567890123456', '-123456789012345', '9223372036854775'])(
    'may look like the number %s',
    async (text) => {
      const store = storeOn(scene.redis);
      const nonce = Buffer.from(text);
      const padded = Buffer.from(`${text.slice(0, 15)} `);
      expect(await store.remember(nonce, NOW)).toBe(true);
      expect(await store.remember(padded, NOW)).toBe(true);
      expect(await store.remember(nonce, NOW)).toBe(false);
    },
  );

  it.each([NOW - SKEW - 3600, NOW + SKEW + 3600, 1.5, NaN, Infinity])(
    'keep out the timestamp %d, which no check let through',
    async (timestamp) => {
      await expect(storeOn(scene.redis).remember(randomBytes(16), timestamp)).rejects.toThrow(RangeError);
      expect(await scene.server.ask((ask) => ask.dbsize())).toBe(0);
    },
  );

  it('share a round trip when they arrive together', async () => {
    const store = storeOn(scene.redis);
    await store.remember(randomBytes(16), NOW);
    await scene.server.ask((ask) => ask.config('RESETSTAT'));
    const together = Array.from({ length: 200 }, () => store.remember(randomBytes(16), NOW));
    expect(await Promise.all(together)).toEqual(Array(200).fill(true));
    expect(await scene.server.requests('evalsha')).toBe(1);
    await store.remember(randomBytes(16), NOW);
    expect(await scene.server.requests('evalsha')).toBe(2);
  });

  it('are each answered for themselves, in batches of any size', async () => {
    const store = storeOn(scene.redis);
    const used = Array.from({ length: 700 }, () => randomBytes(16));
    await Promise.all(used.map((nonce, at) => store.remember(nonce, NOW + (at % 3) * 40_000)));
    const mixed = used.flatMap((nonce) => [nonce, randomBytes(16)]);
    const answers = await Promise.all(mixed.map((nonce) => store.remember(nonce, NOW)));
    expect(answers).toEqual(mixed.map((_, at) => at % 2 === 1));
  });

  it('survive that Redis forgets the script', async () => {
    const store = storeOn(scene.redis);
    const nonce = randomBytes(16);
    await store.remember(nonce, NOW);
    await scene.server.ask((ask) => ask.script('FLUSH'));
    expect(await store.remember(nonce, NOW)).toBe(false);
    expect(await store.remember(randomBytes(16), NOW)).toBe(true);
  });

  it('cost at most 32 bytes each when there are a million a day', async () => {
    // Those of an eighth of all shards are as many per shard as a million in all.
    const COUNT = 125_000;
    const nonces = randomBytes(COUNT * 16);
    for (let at = 0; at < nonces.length; at += 16) nonces[at]! &= 0x1f;
    const store = storeOn(scene.redis);
    const info = (section: string, name: string) =>
      scene.server.ask(async (ask) =>
        Number(new RegExp(`${name}:([\\d.]+)`).exec(await ask.info(section))![1]),
      );
    const before = await info('memory', 'used_memory');
    const redisBefore = (await info('cpu', 'used_cpu_user')) + (await info('cpu', 'used_cpu_sys'));
    const start = process.cpuUsage();
    for (let at = 0; at < COUNT; at += 125)
      await Promise.all(
        Array.from({ length: 125 }, (_, i) =>
          store.remember(nonces.subarray((at + i) * 16, (at + i + 1) * 16), NOW),
        ),
      );
    const { user, system } = process.cpuUsage(start);
    const redisSeconds =
      (await info('cpu', 'used_cpu_user')) + (await info('cpu', 'used_cpu_sys')) - redisBefore;
    const bytes = ((await info('memory', 'used_memory')) - before) / COUNT;
    console.log(
      `nonces in Redis, as dense as a million a day: ${bytes.toFixed(1)} bytes each; remember, 125 at a time: ` +
        `${((user + system) / COUNT).toFixed(1)} µs of CPU here and ${((redisSeconds * 1e6) / COUNT).toFixed(1)} µs in Redis`,
    );
    expect(bytes).toBeLessThanOrEqual(32);
  });
});
