import { describeEventWindows } from '../../libs/coordination/event-windows.contract.js';
import { RedisEventWindows } from '../../libs/coordination/redis-event-windows.js';
import { describeInRedis } from '../support/redis-scene.js';

describeInRedis('event windows in Redis', (scene) => {
  describeEventWindows('Redis', async (clock) => ({
    windows: new RedisEventWindows({ redis: scene.redis, clock }),
  }));

  it('count what all servers see, each event once', async () => {
    const at = [new RedisEventWindows({ redis: scene.redis }), new RedisEventWindows({ redis: scene.other })];
    const calls = Array.from({ length: 20 }, (_, n) => at[n % 2]!.record('wave', `member ${n % 5}`, 60));
    const counts = (await Promise.all(calls)).map(({ events }) => events);
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(await at[0]!.record('wave', 'member 0', 60)).toEqual({ events: 21, members: 5 });
  });

  it('leave nothing behind when they are over', async () => {
    await new RedisEventWindows({ redis: scene.redis }).record('short', 'somebody', 60);
    const [key] = await scene.server.ask((ask) => ask.keys('*'));
    expect(await scene.server.ask((ask) => ask.pttl(key!))).toBeLessThanOrEqual(65_000);
  });
});
