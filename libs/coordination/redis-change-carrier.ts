import type { CarrierHandlers, ChangeCarrier } from './change-carrier.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisSubscription } from './redis-subscription.js';

export const CHANGE_TEXT_BYTES_MAX = 65_536;

export const changeChannel = (keyPrefix: string): string => `${keyPrefix}changes`;

/** Redis pub/sub: sends over the connection that it is given, listens on one of its own. */
export class RedisChangeCarrier implements ChangeCarrier {
  readonly textBytesMax = CHANGE_TEXT_BYTES_MAX;
  private subscription: RedisSubscription | undefined;
  private handlers: CarrierHandlers | undefined;

  private constructor(
    private readonly redis: RedisConnection,
    private readonly channel: string,
  ) {}

  /** Throws RedisUnavailableError. */
  static async open(redis: RedisConnection): Promise<RedisChangeCarrier> {
    const carrier = new RedisChangeCarrier(redis, changeChannel(redis.keyPrefix));
    carrier.subscription = await redis.subscribe(carrier.channel, {
      onText: (text) => carrier.handlers?.onText(text),
      onReconnected: () => carrier.handlers?.onReconnected(),
    });
    return carrier;
  }

  start(handlers: CarrierHandlers): void {
    this.handlers = handlers;
  }

  send(text: string): Promise<void> {
    return this.redis.publish(this.channel, text);
  }

  /** The connection that sends belongs to whoever opened it. */
  close(): Promise<void> {
    this.subscription?.close();
    return Promise.resolve();
  }
}
