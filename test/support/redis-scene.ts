import { RedisConnection } from '../../libs/coordination/redis-connection.js';
import { endEverything } from './kept-processes.js';
import { describeWithRedis, ScratchRedis } from './scratch-redis.js';

/** A Redis with nothing in it at the start of each test, and two servers of one community that are connected to it. */
export class RedisScene {
  server!: ScratchRedis;
  redis!: RedisConnection;
  other!: RedisConnection;

  async open(): Promise<void> {
    this.server = await ScratchRedis.start();
    this.redis = await this.connect();
    this.other = await this.connect();
  }

  /** `community`: what its keys begin with. */
  connect(community = 'a:'): Promise<RedisConnection> {
    const log = { warn: () => undefined };
    return RedisConnection.open({ url: this.server.url, keyPrefix: community, log });
  }

  async close(): Promise<void> {
    for (const connection of [this.redis, this.other]) await connection?.close();
  }
}

/** A suite about what is in Redis. Where there is none it is skipped. */
export function describeInRedis(name: string, suite: (scene: RedisScene) => void): void {
  describeWithRedis(name, () => {
    const scene = new RedisScene();
    beforeAll(() => scene.open());
    beforeEach(() => scene.server.ask((ask) => ask.flushall()));
    afterAll(async () => {
      await scene.close();
      await endEverything();
    });
    suite(scene);
  });
}
