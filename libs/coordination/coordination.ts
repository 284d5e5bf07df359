import { join } from 'node:path';
import type { Config } from '../config/config.js';
import { redisKeyPrefix } from '../config/redis-key-prefix.js';
import { atMostEvery } from '../protocol/at-most-every.js';
import { CarriedChangeBus } from './carried-change-bus.js';
import type { ChangeBus } from './change-bus.js';
import type { ChangeCarrier } from './change-carrier.js';
import type { CoordinationLog } from './coordination-log.js';
import type { EventWindows } from './event-windows.js';
import { LocalEventWindows } from './local-event-windows.js';
import { LocalNonceStore } from './local-nonce-store.js';
import { LocalRateLimiter } from './local-rate-limiter.js';
import type { NonceStore } from './nonce-store.js';
import type { PostRateLimiter } from './post-rate-limiter.js';
import { RedisChangeCarrier } from './redis-change-carrier.js';
import { RedisConnection, type RedisMemory } from './redis-connection.js';
import { RedisEventWindows } from './redis-event-windows.js';
import { BYTES_OF_NONCE } from './redis-nonce-places.js';
import { RedisNonceStore } from './redis-nonce-store.js';
import { RedisRateLimiter } from './redis-rate-limiter.js';

export interface CoordinationOptions {
  config: Config;
  /** Hex; tells communities on one Redis apart. */
  serverPublicKeyHex: string;
  /** The change bus without Redis: notifications of the database. */
  openNotifications(): Promise<ChangeCarrier>;
  log: CoordinationLog;
}

interface CoordinationParts {
  bus: ChangeBus;
  nonces: NonceStore;
  rateLimiter: PostRateLimiter;
  windows: EventWindows;
  /** Undefined without Redis. */
  redis?: RedisConnection;
  close(): Promise<void>;
}

const DROP_NONCES_EVERY_MS = 5 * 60_000;
const WARN_EVERY_MS = 10 * 60_000;
/** However little memory it may use. */
const NONCES_OF_SMALL_REDIS = 100_000;
/** A sixteenth of them is counted each time. */
const SWEEP_NONCES_EVERY_MS = 20_000;

/** What the processes of a community share. All of it is in Redis if there is one; else there is one process. */
export class Coordination {
  readonly bus: ChangeBus;
  readonly nonces: NonceStore;
  readonly rateLimiter: PostRateLimiter;
  readonly windows: EventWindows;

  private constructor(private readonly parts: CoordinationParts) {
    this.bus = parts.bus;
    this.nonces = parts.nonces;
    this.rateLimiter = parts.rateLimiter;
    this.windows = parts.windows;
  }

  /** Throws OperatorError when the Redis of REDIS_URL cannot be used. */
  static async open(options: CoordinationOptions): Promise<Coordination> {
    const { redisUrl } = options.config;
    return new Coordination(
      redisUrl === undefined ? await openLocal(options) : await openOnRedis(redisUrl, options),
    );
  }

  /** Undefined when there is no Redis. */
  async isRedisReachable(): Promise<boolean | undefined> {
    return this.parts.redis?.isReachable();
  }

  /** Undefined when there is no Redis, or when it does not tell. Throws RedisUnavailableError. */
  async redisMemory(): Promise<RedisMemory | undefined> {
    return this.parts.redis?.memory();
  }

  close(): Promise<void> {
    return this.parts.close();
  }
}

async function openLocal({
  config,
  openNotifications,
  log,
}: CoordinationOptions): Promise<CoordinationParts> {
  const bus = new CarriedChangeBus(await openNotifications(), log);
  try {
    const nonces = await LocalNonceStore.open({
      folder: join(config.dataDir, 'nonces'),
      timestampSkewSeconds: config.limits.timestampSkewSecondsMax,
      entriesMax: config.abuseLimits.noncesMax,
    });
    const dropping = setInterval(() => nonces.dropExpired(), DROP_NONCES_EVERY_MS);
    dropping.unref();
    const close = async (): Promise<void> => {
      clearInterval(dropping);
      nonces.close();
      await bus.close();
    };
    return { bus, nonces, rateLimiter: new LocalRateLimiter(), windows: new LocalEventWindows(), close };
  } catch (error) {
    await bus.close();
    throw error;
  }
}

async function openOnRedis(
  url: string,
  { config, serverPublicKeyHex, log }: CoordinationOptions,
): Promise<CoordinationParts> {
  const keyPrefix = redisKeyPrefix(serverPublicKeyHex);
  const redis = await RedisConnection.open({ url, keyPrefix, log });
  try {
    const bus = new CarriedChangeBus(await RedisChangeCarrier.open(redis), log);
    const nonces = new RedisNonceStore({
      redis,
      timestampSkewSeconds: config.limits.timestampSkewSecondsMax,
      entriesMax: await noncesMax(redis, config.abuseLimits.noncesMax),
    });
    const isTimeToWarn = atMostEvery(WARN_EVERY_MS);
    const sweep = () =>
      nonces.dropExpired().catch((error: Error) => {
        const { message } = (error.cause ?? error) as Error;
        if (isTimeToWarn()) log.warn(`old nonces stay in Redis: ${message}`);
      });
    // At once as well: how many there are decides which times are taken.
    await sweep();
    const sweeping = setInterval(() => void sweep(), SWEEP_NONCES_EVERY_MS);
    sweeping.unref();
    return {
      redis,
      bus,
      nonces,
      rateLimiter: new RedisRateLimiter({ redis }),
      windows: new RedisEventWindows({ redis }),
      close: async () => {
        clearInterval(sweeping);
        await bus.close();
        await redis.close();
      },
    };
  } catch (error) {
    await redis.close();
    throw error;
  }
}

/** They may take half of what Redis may: it holds jobs, too, and when it is full nobody can send anything. */
async function noncesMax(redis: RedisConnection, wanted: number): Promise<number> {
  const { max = Infinity } = (await redis.memory()) ?? {};
  return Math.min(wanted, Math.max(Math.floor(max / 2 / BYTES_OF_NONCE), NONCES_OF_SMALL_REDIS));
}
