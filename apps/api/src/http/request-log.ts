import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from '../../../../libs/metrics/metrics.js';

/** What the log says of a request beside its duration: never a path, an address, an id or a key. */
interface Noted {
  /** Method and path pattern. */
  route: string;
  carrier: string;
  /** The answer's own status where the outer one says nothing (onion requests). */
  status?: number;
}

const notes = new WeakMap<FastifyRequest, Noted>();

export function noteRoute(
  request: FastifyRequest,
  route: string,
  inner?: { carrier: string; status: number },
): void {
  notes.set(request, { route, carrier: 'http', ...inner });
}

/**
 * One line per request when it is answered: refusals at `info`, failures at `error`, and the mass of successful
 * polls at `debug`.
 */
export function logRequests(
  fastify: FastifyInstance,
  log: Logger,
  metrics: Pick<Metrics, 'requestTook'> | undefined,
): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { route, carrier, status } = noted(request, reply.statusCode);
    metrics?.requestTook(route, reply.elapsedTime / 1000);
    const level = status >= 500 ? 'error' : status >= 400 ? 'info' : 'debug';
    if (log.isLevelEnabled(level)) {
      const milliseconds = Math.round(reply.elapsedTime * 100) / 100;
      log[level]({ request: request.id, route, carrier, status, milliseconds }, 'request');
    }
    done();
  });
}

function noted(request: FastifyRequest, status: number): Required<Noted> {
  const known = notes.get(request);
  if (known) return { status, ...known };
  const pattern = request.routeOptions.url;
  // The catch-all's own pattern says nothing, and the path must not be said.
  const route = pattern === undefined || pattern === '/*' ? 'unknown' : `${request.method} ${pattern}`;
  return { route, carrier: 'http', status };
}
