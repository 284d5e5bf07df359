import type { PgPool } from 'bullmq';
import { redisKeyPrefix } from '../config/redis-key-prefix.js';
import { postgresJobs, redisJobs, type JobBackend } from '../jobs/job-backend.js';
import { openJobPool } from '../storage/job-pool.js';

/** For a worker: the LISTEN connection and two for queries. */
const WORKER_CONNECTIONS = 3;

export interface JobLocation {
  databaseUrl: string;
  redisUrl: string | undefined;
  /** Of the server: tells communities on one Redis apart. */
  publicKeyHex: string;
}

/** Where the worker's jobs wait: in Redis when there is one, else in PostgreSQL. Connects later, and again when it must. */
export function openWorkerJobs({ databaseUrl, redisUrl, publicKeyHex }: JobLocation): JobBackend {
  if (redisUrl !== undefined) return redisJobs(redisUrl, { keyPrefix: redisKeyPrefix(publicKeyHex) });
  return inPostgres(databaseUrl, { size: WORKER_CONNECTIONS, applicationName: 'plaza worker jobs' });
}

/** The same for somebody who adds jobs or looks at them, and cannot wait long. */
export function openJobs({ databaseUrl, redisUrl, publicKeyHex }: JobLocation): JobBackend {
  if (redisUrl !== undefined)
    return redisJobs(redisUrl, { keyPrefix: redisKeyPrefix(publicKeyHex), failFast: true });
  return inPostgres(databaseUrl, { size: 1, applicationName: 'plaza jobs' });
}

/** BullMQ describes the pool in types of its own, which the driver's fit in all but the overloads of `on`. */
const inPostgres = (url: string, options: { size: number; applicationName: string }): JobBackend =>
  postgresJobs(openJobPool(url, options) as unknown as PgPool);
