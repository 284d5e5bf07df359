import { describePostRateLimiter } from '../../libs/coordination/post-rate-limiter.contract.js';
import { RedisRateLimiter } from '../../libs/coordination/redis-rate-limiter.js';
import { describeInRedis } from '../support/redis-scene.js';

const LIMIT = { posts: 5, windowSeconds: 16 };

describeInRedis('post rates in Redis', (scene) => {
  describePostRateLimiter('Redis', (clock) => new RedisRateLimiter({ redis: scene.redis, clock }));

  it('hold across servers, whichever takes a post and whichever gives it back', async () => {
    const [here, there] = [
      new RedisRateLimiter({ redis: scene.redis }),
      new RedisRateLimiter({ redis: scene.other }),
    ];
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
    const limiter = new RedisRateLimiter({ redis: scene.redis });
    const warm = await limiter.reserve(1, 1, LIMIT); // both scripts are sent whole once
    if (warm.granted) warm.cancel();
    await limiter.reserve(1, 1, LIMIT);
    await scene.server.ask((ask) => ask.config('RESETSTAT'));
    const answers = [await limiter.reserve(1, 2, LIMIT), await limiter.reserve(1, 2, LIMIT)];
    expect(await scene.server.requests('evalsha')).toBe(2);
    for (const answer of answers) if (answer.granted) answer.cancel();
    await limiter.reserve(1, 2, LIMIT);
    expect(await scene.server.requests('evalsha')).toBe(5);
  });

  it('leave nothing behind when the window is over', async () => {
    const limiter = new RedisRateLimiter({ redis: scene.redis });
    await limiter.reserve(1, 2, { posts: 5, windowSeconds: 16 });
    const keys = await scene.server.ask((ask) => ask.keys('*'));
    expect(keys).toEqual(['a:posts:1:2']);
    const left = await scene.server.ask((ask) => ask.pttl(keys[0]!));
    expect(left).toBeGreaterThan(16_000);
    expect(left).toBeLessThan(25_000);
  });
});
