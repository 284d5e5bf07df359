import { createPostgresBackend, setDefaultBackendFactory, type ConnectionOptions } from 'bullmq';

/** Its own schema, beside ours. */
const POSTGRES_SCHEMA = 'bullmq';
/** Per queue object; its LISTEN connection comes on top. Jobs are few, and BullMQ on PostgreSQL dislikes crowds. */
const POSTGRES_POOL_MAX = 1;

/** Where jobs wait. */
export interface JobBackend {
  kind: 'postgres' | 'redis';
  connection: ConnectionOptions;
}

/**
 * Jobs wait in Redis when there is one, else in PostgreSQL; the code around them is the same. Sets the default of
 * this process, so it comes before anything that makes queues.
 */
export function chooseJobBackend({
  databaseUrl,
  redisUrl,
}: {
  databaseUrl: string;
  redisUrl: string | undefined;
}): JobBackend {
  if (redisUrl !== undefined) {
    setDefaultBackendFactory();
    return { kind: 'redis', connection: { url: redisUrl, maxRetriesPerRequest: null } };
  }
  setDefaultBackendFactory(createPostgresBackend);
  const connection = {
    connectionString: databaseUrl,
    schema: POSTGRES_SCHEMA,
    migrate: true,
    max: POSTGRES_POOL_MAX,
  };
  return { kind: 'postgres', connection: connection as ConnectionOptions };
}
