import { describeWithRedis, ScratchRedis } from './scratch-redis.js';

/**
 * The same suite over both back ends of the job queue; the second one with a Redis. Where there is none, that half
 * says so and is left out.
 */
export function describeBothBackends(tests: (redis: () => ScratchRedis | undefined) => void): void {
  describe('with jobs in PostgreSQL', () => tests(() => undefined));
  describeWithRedis('with jobs in Redis', () => {
    let redis: ScratchRedis;
    beforeAll(async () => {
      redis = await ScratchRedis.start();
    });
    afterAll(() => redis.stop());
    tests(() => redis);
  });
}
