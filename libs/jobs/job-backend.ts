import { setDefaultBackendFactory, type ConnectionOptions, type PgPool } from 'bullmq';
import { settlesWithin } from '../protocol/bounded-wait.js';
import { PatientConnection, patientBackend } from './patient-backend.js';

const CLOSE_TIMEOUT_MS = 1_000;
/** BullMQ's own; its tables are in a schema that belongs to one community. */
const POSTGRES_PREFIX = 'bull';
const REDIS_CONNECT_TIMEOUT_MS = 5_000;
const REDIS_RETRY_STEP_MS = 200;
const REDIS_RETRY_MAX_MS = 2_000;

/** Where jobs wait. The code around them is the same for both kinds. */
export interface JobBackend {
  kind: 'postgres' | 'redis';
  /** For BullMQ's classes. */
  connection: ConnectionOptions;
  /** Before the names of queues. */
  prefix: string;
  /** After everything that uses it was closed; takes a moment at most, whatever answers. */
  close(): Promise<void>;
}

// It tells by the connection it is given which one is meant, so that it can be the same for everybody in a process.
setDefaultBackendFactory(patientBackend);

/** Jobs in the database behind `pool`, which has BullMQ's schema in its search path and is closed with the backend. */
export function postgresJobs(pool: PgPool): JobBackend {
  const connection = new PatientConnection(pool);
  return {
    kind: 'postgres',
    connection: connection as unknown as ConnectionOptions,
    prefix: POSTGRES_PREFIX,
    close: async () => {
      await settlesWithin(CLOSE_TIMEOUT_MS, connection.close());
      await settlesWithin(CLOSE_TIMEOUT_MS, pool.end());
    },
  };
}

/**
 * Jobs in Redis. Commands wait while it is away, as a worker wants it; with `failFast` they fail, for those that
 * somebody waits for. `keyPrefix`: of all keys of this community.
 */
export function redisJobs(
  url: string,
  { keyPrefix, failFast = false }: { keyPrefix: string; failFast?: boolean },
): JobBackend {
  const patience = failFast
    ? { enableOfflineQueue: false, maxRetriesPerRequest: 1 }
    : { maxRetriesPerRequest: null };
  const connection = {
    url,
    connectTimeout: REDIS_CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt: number) => Math.min(attempt * REDIS_RETRY_STEP_MS, REDIS_RETRY_MAX_MS),
    ...patience,
  };
  return { kind: 'redis', connection, prefix: `${keyPrefix}jobs`, close: () => Promise.resolve() };
}
