import { describeEventWindows } from '../../libs/coordination/event-windows.contract.js';
import { RedisConnection } from '../../libs/coordination/redis-connection.js';
import { RedisEventWindows } from '../../libs/coordination/redis-event-windows.js';
import { endEverything } from '../support/kept-processes.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';

describeWithRedis('event windows in Redis', () => {
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

  describeEventWindows('Redis', async (clock) => ({ windows: new RedisEventWindows({ redis, clock }) }));

  it('count what all servers see, each event once', async () => {
    const at = [new RedisEventWindows({ redis }), new RedisEventWindows({ redis: other })];
    const calls = Array.from({ length: 20 }, (_, n) => at[n % 2]!.record('wave', `member ${n % 5}`, 60));
    const counts = (await Promise.all(calls)).map(({ events }) => events);
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(await at[0]!.record('wave', 'member 0', 60)).toEqual({ events: 21, members: 5 });
  });

  it('leave nothing behind when they are over', async () => {
    await new RedisEventWindows({ redis }).record('short', 'somebody', 60);
    const [key] = await server.ask((ask) => ask.keys('*'));
    expect(await server.ask((ask) => ask.pttl(key!))).toBeLessThanOrEqual(65_000);
  });
});
