import type { ChangeCarrier } from './change-carrier.js';
import { CHANGE_TEXT_BYTES_MAX, changeChannel } from './redis-change-carrier.js';
import { endRedisClient, makeRedisClient, publishText, type Redis } from './redis-client.js';

/** Carries changes to others over Redis, and hears nothing. Connects for the first text. */
export function openRedisSender(url: string, keyPrefix: string): ChangeCarrier {
  let connected: Promise<Redis> | undefined;
  const connection = (): Promise<Redis> =>
    (connected ??= connect(url).catch((error: unknown) => {
      connected = undefined; // the next text tries again
      throw error;
    }));
  return {
    textBytesMax: CHANGE_TEXT_BYTES_MAX,
    start: () => undefined,
    send: async (text) => {
      await publishText(await connection(), changeChannel(keyPrefix), text);
    },
    close: async () => {
      const redis = await connected?.catch(() => undefined);
      if (redis) endRedisClient(redis);
    },
  };
}

async function connect(url: string): Promise<Redis> {
  const { redis, connect } = makeRedisClient(url, 'plaza-announcer'); // Redis allows no spaces in names
  await connect();
  return redis;
}
