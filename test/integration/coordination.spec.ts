import { randomBytes } from 'node:crypto';
import { Config } from '../../libs/config/config.js';
import { loadConfig } from '../../libs/config/load-config.js';
import { Heard } from '../../libs/coordination/change-bus.contract.js';
import { Coordination } from '../../libs/coordination/coordination.js';
import { LocalNonceStore } from '../../libs/coordination/local-nonce-store.js';
import { LocalRateLimiter } from '../../libs/coordination/local-rate-limiter.js';
import { RedisNonceStore } from '../../libs/coordination/redis-nonce-store.js';
import { RedisRateLimiter } from '../../libs/coordination/redis-rate-limiter.js';
import { PostgresNotifications } from '../../libs/storage/postgres-notifications.js';
import { endEverything } from '../support/kept-processes.js';
import { scratchDatabase, type ScratchDatabase } from '../support/scratch-database.js';
import { removeFolder, scratchFolder } from '../support/scratch-folder.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';

const LIMIT = { posts: 1, windowSeconds: 16 };
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

let database: ScratchDatabase;
let folder: string;
const opened: Coordination[] = [];
beforeAll(async () => {
  database = await scratchDatabase({ empty: true });
  folder = await scratchFolder();
});
afterEach(() => Promise.all(opened.splice(0).map((coordination) => coordination.close())));
afterAll(async () => {
  await database.drop();
  await removeFolder(folder);
});

async function open(redisUrl?: string, serverPublicKeyHex = 'ab'.repeat(32)): Promise<Coordination> {
  const config = new Config({ ...loadConfig({ env: {}, cwd: '/' }).config, dataDir: folder, redisUrl });
  const coordination = await Coordination.open({
    config,
    serverPublicKeyHex,
    openNotifications: () =>
      PostgresNotifications.open({ url: database.url, channel: 'changes', applicationName: 'plaza test' }),
    log: { warn: () => undefined },
  });
  opened.push(coordination);
  return coordination;
}

describe('coordination without Redis', () => {
  it('is in the process, but for changes, which go through the database', async () => {
    const [here, there] = [await open(), await open()];
    expect(here.nonces).toBeInstanceOf(LocalNonceStore);
    expect(here.rateLimiter).toBeInstanceOf(LocalRateLimiter);
    expect(await here.isRedisReachable()).toBeUndefined();
    const heard = new Heard(there.bus);
    here.bus.publish([{ kind: 'users' }]);
    await heard.until({ kind: 'users' });
  });

  it('keeps nonces over a restart', async () => {
    const nonce = randomBytes(16);
    const before = await open();
    expect(await before.nonces.remember(nonce, nowSeconds())).toBe(true);
    await before.close();
    opened.splice(0);
    expect(await (await open()).nonces.remember(nonce, nowSeconds())).toBe(false);
  });
});

describeWithRedis('coordination with Redis', () => {
  let redis: ScratchRedis;
  beforeAll(async () => {
    redis = await ScratchRedis.start();
  });
  afterAll(endEverything);

  it('is all there, for every process of the community', async () => {
    const [here, there] = [await open(redis.url), await open(redis.url)];
    expect(here.nonces).toBeInstanceOf(RedisNonceStore);
    expect(here.rateLimiter).toBeInstanceOf(RedisRateLimiter);
    expect(await here.isRedisReachable()).toBe(true);
    const nonce = randomBytes(16);
    expect(await here.nonces.remember(nonce, nowSeconds())).toBe(true);
    expect(await there.nonces.remember(nonce, nowSeconds())).toBe(false);
    expect((await here.rateLimiter.reserve(1, 1, LIMIT)).granted).toBe(true);
    expect((await there.rateLimiter.reserve(1, 1, LIMIT)).granted).toBe(false);
    const heard = new Heard(there.bus);
    here.bus.publish([{ kind: 'users' }]);
    await heard.until({ kind: 'users' });
  });

  it('leaves other communities on that Redis alone', async () => {
    const [ours, theirs] = [await open(redis.url), await open(redis.url, 'cd'.repeat(32))];
    const nonce = randomBytes(16);
    await ours.nonces.remember(nonce, nowSeconds());
    expect(await theirs.nonces.remember(nonce, nowSeconds())).toBe(true);
    await ours.rateLimiter.reserve(2, 2, LIMIT);
    expect((await theirs.rateLimiter.reserve(2, 2, LIMIT)).granted).toBe(true);
    const keys = await redis.ask((ask) => ask.keys('*'));
    for (const key of keys) expect(key).toMatch(/^plaza:(?:(?:ab){8}|(?:cd){8}):/);
  });

  it('can be closed while Redis is away, within a moment', async () => {
    const own = await ScratchRedis.start();
    const coordination = await open(own.url);
    await own.stop();
    const began = Date.now();
    await coordination.close();
    opened.splice(0);
    expect(Date.now() - began).toBeLessThan(15_000); // else it would wait for Redis
  });

  it('is not opened without the Redis that is asked for, and leaves nothing open', async () => {
    await expect(open('redis://127.0.0.1:1')).rejects.toThrow(/^The Redis of REDIS_URL cannot be used/);
  });
});
