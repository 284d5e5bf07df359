import { connect as connectTo, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CarriedChangeBus } from '../../libs/coordination/carried-change-bus.js';
import { describeChangeBus, Heard } from '../../libs/coordination/change-bus.contract.js';
import { MISSED } from '../../libs/protocol/change.js';
import { RedisChangeCarrier } from '../../libs/coordination/redis-change-carrier.js';
import { RedisConnection } from '../../libs/coordination/redis-connection.js';
import { RedisSubscription } from '../../libs/coordination/redis-subscription.js';
import { PostgresNotifications } from '../../libs/storage/postgres-notifications.js';
import { StorageUnavailableError } from '../../libs/storage/storage-errors.js';
import { endEverything } from '../support/kept-processes.js';
import { connect, scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const log = { warn: () => undefined };
const CHANNEL = 'plaza_changes';
const APPLICATION = 'plaza test bus';
const LISTENERS = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`;

describe('over PostgreSQL', () => {
  let database: ScratchDatabase;
  beforeAll(async () => {
    database = await scratchDatabase({ empty: true });
  });
  afterAll(() => database.drop());

  const open = (heartbeatMs?: number, url = database.url) =>
    PostgresNotifications.open({
      url,
      channel: CHANNEL,
      applicationName: APPLICATION,
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    });
  const sql = async (text: string, values: unknown[]) => {
    const client = await connect(database.url);
    const { rows } = await client.query(text, values).finally(() => client.end());
    return rows as { pid: number }[];
  };
  /** Of so many, once PostgreSQL has noticed that those of earlier tests are closed. */
  const untilListeners = async (count: number): Promise<number[]> => {
    let pids: number[] = [];
    await until(async () => {
      pids = (await sql(LISTENERS, [APPLICATION])).map(({ pid }) => pid);
      return pids.length === count;
    });
    return pids;
  };

  describeChangeBus('PostgreSQL', {
    open: async () => new CarriedChangeBus(await open(), log),
    cut: async () => void (await sql(LISTENERS.replace('pid', 'pg_terminate_backend(pid)'), [APPLICATION])),
    inject: async (text) => void (await sql('SELECT pg_notify($1, $2)', [CHANNEL, text])),
  });

  it('a connection whose other end vanished without a word is noticed and made again', async () => {
    const bus = new CarriedChangeBus(await open(50), log);
    const heard = new Heard(bus);
    const [listener] = await untilListeners(1);
    process.kill(listener!, 'SIGSTOP');
    try {
      await heard.until(MISSED);
    } finally {
      process.kill(listener!, 'SIGCONT');
    }
    await bus.close();
  });

  it('there is one connection per bus, and none after it was closed', async () => {
    const bus = new CarriedChangeBus(await open(), log);
    await untilListeners(1);
    await bus.close();
    await untilListeners(0);
  });

  it('no bus is opened where there is no database', async () => {
    const nowhere = new URL(database.url);
    nowhere.searchParams.set('host', '/nowhere');
    await expect(open(undefined, nowhere.href)).rejects.toThrow(StorageUnavailableError);
  });
});

describeWithRedis('over Redis', () => {
  let server: ScratchRedis;
  const connections: RedisConnection[] = [];
  beforeAll(async () => {
    server = await ScratchRedis.start();
  });
  afterEach(() => Promise.all(connections.splice(0).map((connection) => connection.close())));
  afterAll(endEverything);

  const openOn = async (keyPrefix: string) => {
    const redis = await RedisConnection.open({ url: server.url, keyPrefix, log });
    connections.push(redis);
    return new CarriedChangeBus(await RedisChangeCarrier.open(redis), log);
  };

  describeChangeBus('Redis', {
    open: () => openOn('a:'),
    cut: async () => {
      for (const type of ['pubsub', 'normal'])
        await server.ask((ask) => ask.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes'));
    },
    inject: async (text) => void (await server.ask((ask) => ask.publish('a:changes', text))),
  });

  it('communities do not hear each other', async () => {
    const [ours, theirs, ofTheirs] = [await openOn('a:'), await openOn('b:'), await openOn('b:')];
    const heard = new Heard(theirs);
    ours.publish([{ kind: 'rules' }]);
    await delay(100);
    ofTheirs.publish([{ kind: 'users' }]);
    await heard.until({ kind: 'users' });
    expect(heard.changes).toEqual([{ kind: 'users' }]);
    await Promise.all([ours, theirs, ofTheirs].map((bus) => bus.close()));
  });

  it('a text is sent behind a ping, in one piece, so that Redis tells those who listen before whoever published', async () => {
    const pieces: string[] = [];
    const { hostname, port } = new URL(server.url);
    const between = createServer((client) => {
      const redis = connectTo(Number(port), hostname);
      for (const socket of [client, redis]) socket.on('error', () => undefined);
      client.on('data', (piece) => pieces.push(piece.toString('latin1')));
      client.pipe(redis).pipe(client);
      client.on('close', () => redis.destroy()); // a pipe passes on an end, but no hanging up
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const url = `redis://127.0.0.1:${(between.address() as AddressInfo).port}`;
    const redis = await RedisConnection.open({ url, keyPrefix: 'a:', log });
    connections.push(redis);
    const bus = new CarriedChangeBus(await RedisChangeCarrier.open(redis), log);
    const other = await openOn('a:');
    const heard = new Heard(other);
    await bus.publish([{ kind: 'rules' }]);
    await heard.until({ kind: 'rules' });
    expect(pieces.filter((piece) => piece.includes('publish'))).toEqual([
      expect.stringMatching(/\bping\b[^]*\bpublish\b[^]*"kind":"rules"/),
    ]);
    await Promise.all([bus.close(), other.close()]);
    between.close();
  });

  it('a Redis that vanished without a word is noticed, and listened to again when it is back', async () => {
    let reconnected = 0;
    const handlers = { onText: () => undefined, onReconnected: () => void reconnected++ };
    const timings = { heartbeatMs: 20, answerTimeoutMs: 1_000 };
    const subscription = await RedisSubscription.open(server.url, 'a:changes', handlers, timings);
    server.freeze();
    await until(() => subscription['redis'].status !== 'ready');
    expect(reconnected).toBe(0);
    server.thaw();
    await until(() => reconnected > 0);
    subscription.close();
  });

  it('what was published while Redis was gone arrives after it is back', async () => {
    const [here, there] = [await openOn('a:'), await openOn('a:')];
    const heard = new Heard(there);
    await server.stop();
    here.publish([{ kind: 'room', roomId: 1 }]);
    await delay(300);
    here.publish([{ kind: 'room', roomId: 2 }]);
    await server.restart();
    // It may have been told before there was somebody to hear of it again, who then knows that something was missed.
    await heard.until(MISSED);
    here.publish([{ kind: 'room', roomId: 3 }]);
    await heard.until({ kind: 'room', roomId: 3 });
    await Promise.all([here.close(), there.close()]);
  });
});
