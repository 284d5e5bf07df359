import { Pool } from 'pg';

/** Where BullMQ keeps its tables, beside ours. */
const SCHEMA = 'bullmq';
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 20_000;
/** For a server that is cut off, and cannot keep to the above. */
const ANSWER_TIMEOUT_MS = 25_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/** Connections for BullMQ. Whoever opens the pool ends it. */
export function openJobPool(url: string, options: { size: number; applicationName: string }): Pool {
  const pool = new Pool({
    connectionString: url,
    max: options.size,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    // As a query, since not every pooler in between lets it through as a parameter of the connection.
    onConnect: (client) => client.query(`SET search_path TO ${SCHEMA}`),
  });
  // BullMQ does not always listen, and a connection that breaks unheard ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}
