import { describePostRateLimiter } from '../../libs/coordination/post-rate-limiter.contract.js';
import { RedisConnection } from '../../libs/coordination/redis-connection.js';
import { RedisRateLimiter } from '../../libs/coordination/redis-rate-limiter.js';
import { endEverything } from '../support/kept-processes.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';

const LIMIT = { posts: 5, windowSeconds: 16 };

describeWithRedis('post rates in Redis', () => {
  let server: ScratchRedis;
  let redis: RedisConnection;
  let other: RedisConnection;

  beforeAll(async () => {
    server = await ScratchRedis.start();
    const open = () =>
      RedisConnection.open({ url: server.url, keyPrefix: 'a:', log: { warn: () => undefined } });
    redis = await open();
    other = await open();
  });
  beforeEach(() => server.ask((ask) => ask.flushall()));
  afterAll(async () => {
    await redis?.close();
    await other?.close();
    await endEverything();
  });

  describePostRateLimiter('Redis', (clock) => new RedisRateLimiter({ redis, clock }));

  it('hold across servers, whichever takes a post and whichever gives it back', async () => {
    const [here, there] = [new RedisRateLimiter({ redis }), new RedisRateLimiter({ redis: other })];
    const at = [here, there, here, there, here, there];
    const answers = await Promise.all(at.map((limiter) => limiter.reserve(1, 2, LIMIT)));
    const granted = answers.filter((answer) => answer.granted);
    expect(granted).toHaveLength(5);
    granted[0]!.cancel();
    await here.reserve(3, 3, LIMIT); // the cancellation went before it
    await there.reserve(3, 3, LIMIT);
    expect((await there.reserve(1, 2, LIMIT)).granted).toBe(true);
    expect((await here.reserve(1, 2, LIMIT)).granted).toBe(false);
  });

  it('take one round trip each, and one more to give a place back', async () => {
    const limiter = new RedisRateLimiter({ redis });
    const warm = await limiter.reserve(1, 1, LIMIT); // both scripts are sent whole once
    if (warm.granted) warm.cancel();
    await limiter.reserve(1, 1, LIMIT);
    await server.ask((ask) => ask.config('RESETSTAT'));
    const answers = [await limiter.reserve(1, 2, LIMIT), await limiter.reserve(1, 2, LIMIT)];
    expect(await server.requests('evalsha')).toBe(2);
    for (const answer of answers) if (answer.granted) answer.cancel();
    await limiter.reserve(1, 2, LIMIT);
    expect(await server.requests('evalsha')).toBe(5);
  });

  it('leave nothing behind when the window is over', async () => {
    const limiter = new RedisRateLimiter({ redis });
    await limiter.reserve(1, 2, { posts: 5, windowSeconds: 16 });
    const keys = await server.ask((ask) => ask.keys('*'));
    expect(keys).toEqual(['a:posts:1:2']);
    const left = await server.ask((ask) => ask.pttl(keys[0]!));
    expect(left).toBeGreaterThan(16_000);
    expect(left).toBeLessThan(25_000);
  });
});
