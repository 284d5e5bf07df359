import { endRedisClient, makeRedisClient, type Redis } from './redis-client.js';
import { toRedisError } from './redis-unavailable-error.js';

export interface SubscriptionHandlers {
  onText(text: string): void;
  /** The subscription was interrupted: texts may have been missed. */
  onReconnected(): void;
}

export interface SubscriptionTimings {
  /** A connection that only listens owes no answers, so it is asked this often whether it is still there. */
  heartbeatMs?: number;
  answerTimeoutMs?: number;
}

const HEARTBEAT_MS = 10_000;

/** Listens to one channel, on a connection of its own that is made again when it breaks. */
export class RedisSubscription {
  private isClosed = false;
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(
    private readonly redis: Redis,
    private readonly channel: string,
    private readonly handlers: SubscriptionHandlers,
    heartbeatMs: number,
  ) {
    // An unanswered ping ends the connection (socketTimeout).
    this.heartbeat = setInterval(() => void redis.ping().catch(() => undefined), heartbeatMs);
    this.heartbeat.unref();
    redis.on('message', (_channel: string, text: string) => handlers.onText(text));
    redis.on('ready', () => void this.subscribeAgain());
  }

  /** Throws RedisUnavailableError. */
  static async open(
    url: string,
    channel: string,
    handlers: SubscriptionHandlers,
    { heartbeatMs = HEARTBEAT_MS, answerTimeoutMs }: SubscriptionTimings = {},
  ): Promise<RedisSubscription> {
    const { redis, connect } = makeRedisClient(url, 'plaza-changes', answerTimeoutMs);
    try {
      await connect();
      await redis.subscribe(channel);
    } catch (error) {
      endRedisClient(redis);
      throw toRedisError(error);
    }
    return new RedisSubscription(redis, channel, handlers, heartbeatMs);
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.heartbeat);
    endRedisClient(this.redis);
  }

  private async subscribeAgain(): Promise<void> {
    try {
      await this.redis.subscribe(this.channel);
      this.handlers.onReconnected(); // not before: what happens from now on arrives
    } catch {
      if (!this.isClosed) this.redis.disconnect(true);
    }
  }
}
