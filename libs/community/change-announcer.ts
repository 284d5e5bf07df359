import { CarriedChangeBus } from '../coordination/carried-change-bus.js';
import type { ChangeCarrier } from '../coordination/change-carrier.js';
import { openRedisSender } from '../coordination/redis-change-sender.js';
import { redisKeyPrefix } from '../config/redis-key-prefix.js';
import type { Config } from '../config/config.js';
import type { Database } from '../storage/database.js';
import { notificationSender } from '../storage/postgres-notifications.js';
import type { ServerIdentity } from './server-identity.js';

/**
 * Tells the servers of a community what a program that answers no clients commits through `database`: a command, or
 * a worker. It listens to nothing and connects to Redis when there is something to tell, so a command that only reads
 * costs nobody anything. Returns how to close it, which comes before the database is closed.
 */
export function announceChanges(
  { redisUrl }: Pick<Config, 'redisUrl'>,
  { database, identity }: { database: Database; identity: ServerIdentity },
): () => Promise<void> {
  const carrier: ChangeCarrier =
    redisUrl === undefined
      ? notificationSender(database)
      : openRedisSender(redisUrl, redisKeyPrefix(identity.keys.publicKeyHex));
  // Where nobody can be told, the servers find out by themselves within a second: nothing that concerns an operator.
  const bus = new CarriedChangeBus(carrier, { warn: () => undefined });
  database.onCommitted((changes) => bus.publish(changes));
  return () => bus.close();
}
