import type { Server as HttpServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenConnections } from './open-connections.js';

/** Connections that are used more rarely than this are closed while they rest, which is no harm to most. */
const DRAIN_MS = 1_500;
const POLL_MS = 25;

/**
 * Lets go of clients before the server is closed: no new connections are taken, and every answer from now on asks
 * the client to connect anew, which it will do elsewhere. Closing at once would cut off requests that are just on
 * their way over a connection that looks idle.
 */
export async function drain(server: HttpServer, connections: OpenConnections): Promise<void> {
  NetServer.prototype.close.call(server); // an http.Server's own close() cuts connections that look idle
  server.maxRequestsPerSocket = 1; // counted from now on; the answer says "Connection: close"
  for (
    const until = performance.now() + DRAIN_MS;
    performance.now() < until && (await connectionsOf(server)) > 0;
  )
    await delay(POLL_MS);
  connections.closeSilent();
}

const connectionsOf = (server: HttpServer): Promise<number> =>
  new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
