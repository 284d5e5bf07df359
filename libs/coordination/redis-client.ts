import { Redis } from 'ioredis';

export type { Redis } from 'ioredis';

const CONNECT_TIMEOUT_MS = 2_000;
/** A command that takes longer fails; a connection that is silent for so long while it owes an answer is given up. */
const ANSWER_TIMEOUT_MS = 2_000;
const RECONNECT_PAUSE_MIN_MS = 50;
const RECONNECT_PAUSE_MAX_MS = 2_000;
const LOADING_RETRY_MS = 500;
/** For an end on which both sides agree; then the connection is cut. */
const DISCONNECT_TIMEOUT_MS = 100;
const KEEP_ALIVE_MS = 10_000;

export interface RedisClient {
  redis: Redis;
  /** Connects. Throws the reason; only after it went well a lost connection is made again. */
  connect(): Promise<void>;
}

/**
 * The only place that makes a client of ioredis. A command that was under way when the connection broke fails at
 * once (it may have been carried out, so it is not sent again); one that comes afterwards waits for the first
 * attempt to reconnect and fails with it.
 */
export function makeRedisClient(
  url: string,
  connectionName: string,
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
): RedisClient {
  let isOpen = false;
  let reason: Error | undefined;
  const redis = new Redis(url, {
    connectionName,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: answerTimeoutMs,
    socketTimeout: answerTimeoutMs,
    keepAlive: KEEP_ALIVE_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxLoadingRetryTime: LOADING_RETRY_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (attempt) => (isOpen ? reconnectPauseMs(attempt) : null),
    // A primary that became a replica: behind the same name there is a new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  // Without a listener ioredis writes to the console; what matters fails a command, too.
  redis.on('error', (error: Error) => (reason = error));
  return {
    redis,
    connect: async () => {
      try {
        await redis.connect();
      } catch (error) {
        endRedisClient(redis);
        throw reason ?? error;
      }
      isOpen = true;
    },
  };
}

/** At once. (Of a client that has ended ioredis would wait for another end.) */
export function endRedisClient(redis: Redis): void {
  if (redis.status !== 'end') redis.disconnect();
}

/**
 * Resolves when the text is on its way to all who listen, rejects when Redis did not take it.
 *
 * Redis writes its answers in the reverse of the order in which they came to have something to say, so it would tell
 * whoever publishes before those who listen, and a client could ask one of them in between (seen: a ban that was
 * lifted counted for one more request). A connection that is owed an answer already, to the ping, has its turn last.
 */
export async function publishText(redis: Redis, channel: string, text: string): Promise<void> {
  const answers = await redis.pipeline().ping().publish(channel, text).exec();
  for (const [error] of answers ?? []) if (error) throw error;
}

/** Growing, and never quite the same, so that all processes do not come back at one moment. */
function reconnectPauseMs(attempt: number): number {
  const pause = Math.min(RECONNECT_PAUSE_MIN_MS * 2 ** (attempt - 1), RECONNECT_PAUSE_MAX_MS);
  return Math.round(pause * (0.8 + Math.random() * 0.4));
}
