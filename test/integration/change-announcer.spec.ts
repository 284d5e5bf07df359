import { announceChanges } from '../../libs/community/change-announcer.js';
import { ServerIdentity } from '../../libs/community/server-identity.js';
import { redisKeyPrefix } from '../../libs/config/redis-key-prefix.js';
import { CarriedChangeBus } from '../../libs/coordination/carried-change-bus.js';
import { Heard } from '../../libs/coordination/change-bus.contract.js';
import { RedisChangeCarrier } from '../../libs/coordination/redis-change-carrier.js';
import { RedisConnection } from '../../libs/coordination/redis-connection.js';
import type { Change } from '../../libs/protocol/change.js';
import { CHANGES_CHANNEL, PostgresNotifications } from '../../libs/storage/postgres-notifications.js';
import { Database } from '../../libs/storage/database.js';
import { endEverything } from '../support/kept-processes.js';
import { allWithCommunity } from '../support/scratch-community.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';

const log = { warn: () => undefined };
const ROOM: Change = { kind: 'room', roomId: 7 };

describe('what a command or a worker commits', () => {
  const community = allWithCommunity();
  let database: Database;
  beforeAll(() => {
    database = new Database({ url: community().url, poolSize: 1, applicationName: 'plaza test command' });
  });
  afterAll(async () => {
    await database.close();
    await endEverything();
  });

  const announce = (redisUrl: string | undefined) =>
    announceChanges({ redisUrl }, { database, identity: community().service(ServerIdentity) });

  it('is told over PostgreSQL when the writer goes on', async () => {
    const bus = new CarriedChangeBus(
      await PostgresNotifications.open({
        url: community().url,
        channel: CHANGES_CHANNEL,
        applicationName: 'plaza test bus',
      }),
      log,
    );
    const heard = new Heard(bus);
    const stop = announce(undefined);
    await database.transaction(async (tx) => void tx.changed(ROOM));
    await heard.until(ROOM);
    await stop();
    await bus.close();
  });

  it('and where Redis cannot be reached the writer goes on all the same', async () => {
    const stop = announce('redis://127.0.0.1:1');
    await database.transaction(async (tx) => void tx.changed(ROOM));
    await stop();
  });

  describeWithRedis('with Redis', () => {
    it('is told over Redis, and nothing is connected before there is something to tell', async () => {
      const server = await ScratchRedis.start();
      const keyPrefix = redisKeyPrefix(community().publicKeyHex);
      const redis = await RedisConnection.open({ url: server.url, keyPrefix, log });
      const bus = new CarriedChangeBus(await RedisChangeCarrier.open(redis), log);
      const heard = new Heard(bus);
      const clients = async () => String(await server.ask((ask) => ask.call('CLIENT', 'LIST')));
      const stop = announce(server.url);
      expect(await clients()).not.toContain('name=plaza-announcer');
      await database.transaction(async (tx) => void tx.changed(ROOM));
      await heard.until(ROOM);
      expect(await clients()).toContain('name=plaza-announcer');
      await stop();
      await bus.close();
      await redis.close();
    });
  });
});
