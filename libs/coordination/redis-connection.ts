import { OperatorError } from '../protocol/operator-error.js';
import { tracedCall } from '../tracing/spans.js';
import type { CoordinationLog } from './coordination-log.js';
import { endRedisClient, makeRedisClient, publishText, type Redis } from './redis-client.js';
import { RedisSubscription, type SubscriptionHandlers } from './redis-subscription.js';
import { RedisUnavailableError, toRedisError } from './redis-unavailable-error.js';

export interface RedisConnectionOptions {
  url: string;
  /** Before every key and channel, so that several communities may share one Redis. */
  keyPrefix: string;
  log: CoordinationLog;
}

/** Runs a Lua script in one round trip: first the keys it touches, then what else it needs. */
export type RedisScript = (
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/** In bytes. */
export interface RedisMemory {
  used: number;
  /** Undefined: no limit but the machine's. */
  max: number | undefined;
}

/** Commands under way at most, waiting ones included; beyond it Redis counts as overloaded. */
const COMMANDS_MAX = 10_000;
const QUIT_TIMEOUT_MS = 1_000;
const VERSION_MIN = [6, 2] as const;
const REDIS = { 'db.system.name': 'redis' };

/**
 * The one door to Redis. Everything that cannot be done in time fails with RedisUnavailableError: after a lost
 * connection commands wait for one attempt to get it back; while Redis stays away they fail at once.
 */
export class RedisConnection {
  /** How often the connection was closed, or did not come about, since it last worked. */
  private failures = 0;
  private commands = 0;
  private isClosed = false;
  readonly keyPrefix: string;

  private constructor(
    private readonly redis: Redis,
    private readonly options: RedisConnectionOptions,
  ) {
    this.keyPrefix = options.keyPrefix;
    redis.on('close', () => this.failed());
    redis.on('ready', () => this.worksAgain());
  }

  /** Throws OperatorError when there is no Redis at `url`, or not one that we can use. */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    const { redis, connect } = makeRedisClient(options.url, 'plaza');
    try {
      await connect();
      const info = await infoOf(redis);
      refuseOld(info);
      for (const warning of warningsAbout(info)) options.log.warn(warning);
    } catch (error) {
      endRedisClient(redis);
      if (error instanceof OperatorError) throw error;
      const { message, code } = error as NodeJS.ErrnoException;
      throw new OperatorError(`The Redis of REDIS_URL cannot be used: ${message || code}`, { cause: error });
    }
    return new RedisConnection(redis, options);
  }

  /** Prepares a script; `name` is unique. It is sent whole once per connection, and by its hash afterwards. */
  script(name: string, lua: string): RedisScript {
    this.redis.defineCommand(name, { lua });
    const scripts = this.redis as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    return (keys, args) => this.run(name, () => scripts[name]!(keys.length, ...keys, ...args));
  }

  /** See `publishText`. */
  publish(channel: string, text: string): Promise<void> {
    return this.run('publish', () => publishText(this.redis, channel, text));
  }

  /** On a connection of its own. Throws RedisUnavailableError when that cannot be made. */
  subscribe(channel: string, handlers: SubscriptionHandlers): Promise<RedisSubscription> {
    return RedisSubscription.open(this.options.url, channel, handlers);
  }

  async isReachable(): Promise<boolean> {
    try {
      await this.run('ping', () => this.redis.ping());
      return true;
    } catch {
      return false;
    }
  }

  /** Bytes it uses, and may use; undefined when we may not ask. Throws RedisUnavailableError. */
  async memory(): Promise<RedisMemory | undefined> {
    const info = await this.run('info', () => infoOf(this.redis, 'memory'));
    const [used, max] = ['used_memory', 'maxmemory'].map((name) => Number(info.get(name)));
    return used === undefined || Number.isNaN(used) ? undefined : { used, max: max || undefined };
  }

  /** Lets what is under way finish, for a moment. */
  async close(): Promise<void> {
    this.isClosed = true;
    const late = setTimeout(() => endRedisClient(this.redis), QUIT_TIMEOUT_MS);
    await this.redis.quit().catch(() => endRedisClient(this.redis));
    clearTimeout(late);
  }

  /** `name`: as traces call it. */
  private async run<Result>(name: string, command: () => Promise<Result>): Promise<Result> {
    if (this.failures > 1 || this.commands >= COMMANDS_MAX) throw new RedisUnavailableError();
    this.commands++;
    try {
      return await tracedCall(name, REDIS, command);
    } catch (error) {
      throw toRedisError(error);
    } finally {
      this.commands--;
    }
  }

  private failed(): void {
    if (++this.failures === 2 && !this.isClosed) this.options.log.warn('Redis is away');
  }

  private worksAgain(): void {
    if (this.failures > 1) this.options.log.warn('Redis is back');
    this.failures = 0;
  }
}

/** Empty when we may not ask. */
async function infoOf(redis: Redis, section = 'default'): Promise<Map<string, string>> {
  try {
    return new Map(
      [...(await redis.info(section)).matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    );
  } catch (error) {
    if ((error as Error).name === 'ReplyError') return new Map();
    throw error;
  }
}

function refuseOld(info: ReadonlyMap<string, string>): void {
  const version = info.get('redis_version');
  if (version === undefined) return;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1])) return;
  throw new OperatorError(
    `The Redis of REDIS_URL has version ${version}, which is too old: Plaza needs ${VERSION_MIN.join('.')} or newer.`,
  );
}

/** Settings of Redis that let it forget nonces. */
function warningsAbout(info: ReadonlyMap<string, string>): string[] {
  const warnings: string[] = [];
  const policy = info.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction' && info.get('maxmemory') !== '0')
    warnings.push(
      `Redis may forget what it has to remember (maxmemory-policy ${policy}), so that requests could be replayed: set it to noeviction`,
    );
  if (info.get('aof_enabled') === '0')
    warnings.push(
      'Redis keeps no append-only file, so that after a restart of Redis requests could be replayed: set appendonly yes',
    );
  return warnings;
}
