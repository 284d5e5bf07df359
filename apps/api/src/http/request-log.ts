import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { TokenBuckets } from '../../../../libs/coordination/token-buckets.js';
import { atMostEvery } from '../../../../libs/protocol/at-most-every.js';
import type { Metrics } from '../../../../libs/metrics/metrics.js';

/** Of each kind. */
const LINES_PER_SECOND_MAX = 10;
const LINES_BURST_MAX = 1_000;
const TELL_EVERY_MS = 60_000;

/** `unavailable`: answered 503, for want of the database, Redis or room. */
type BoundedKind = 'refused' | 'unavailable';

/** What the log and the traces say of a request beside its duration: never a path, an address, an id or a key. */
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
 * polls at `debug`. Of refusals and of 503, which come by the thousand, only so many.
 */
export function logRequests(
  fastify: FastifyInstance,
  log: Logger,
  metrics: Pick<Metrics, 'requestTook'> | undefined,
): void {
  if (metrics) measureRequests(fastify, metrics);
  const bounded = new BoundedLines(log);
  fastify.addHook('onResponse', (request, reply, done) => {
    const { route, carrier, status } = noted(request, reply.statusCode);
    const level = status >= 500 ? 'error' : status >= 400 ? 'info' : 'debug';
    const kind = status === 503 ? 'unavailable' : level === 'info' ? 'refused' : undefined;
    if (log.isLevelEnabled(level) && (kind === undefined || bounded.mayBeLogged(kind))) {
      const milliseconds = Math.round(reply.elapsedTime * 100) / 100;
      log[level]({ request: request.id, route, carrier, status, milliseconds }, 'request');
    }
    done();
  });
}

/**
 * What we took: from when a request is there, with its body, to when its answer begins. How long a client takes to send
 * the one and to take the other says nothing about the server.
 */
function measureRequests(fastify: FastifyInstance, metrics: Pick<Metrics, 'requestTook'>): void {
  fastify.decorateRequest('wholeAtMs', 0);
  fastify.addHook('preValidation', (request: Measured, _reply, done) => {
    request.wholeAtMs = performance.now();
    done();
  });
  fastify.addHook('onSend', (request: Measured, reply, _payload, done) => {
    const { wholeAtMs = 0 } = request;
    if (wholeAtMs > 0)
      metrics.requestTook(noted(request, reply.statusCode).route, (performance.now() - wholeAtMs) / 1000);
    done();
  });
}

type Measured = FastifyRequest & { wholeAtMs?: number };

/** Whoever is refused a thousand times a second must not fill the disk, nor an outage. */
class BoundedLines {
  private readonly budgets = new TokenBuckets<BoundedKind>({
    perSecond: LINES_PER_SECOND_MAX,
    burst: LINES_BURST_MAX,
  });
  private leftOut = 0;
  private readonly isTimeToTell = atMostEvery(TELL_EVERY_MS);

  constructor(private readonly log: Logger) {}

  mayBeLogged(kind: BoundedKind): boolean {
    if (this.log.isLevelEnabled('debug')) return true; // somebody wants to see everything
    const isWithin = this.budgets.take(kind, 1) === 0;
    if (!isWithin) this.leftOut++;
    if (this.leftOut > 0 && this.isTimeToTell()) this.tell();
    return isWithin;
  }

  private tell(): void {
    this.log.warn(`refused requests come faster than they are logged (${this.leftOut} without a line)`);
    this.leftOut = 0;
  }
}

export function noted(request: FastifyRequest, status: number): Required<Noted> {
  const known = notes.get(request);
  if (known) return { status, ...known };
  const pattern = request.routeOptions.url;
  // The catch-all's own pattern says nothing, and the path must not be said.
  const route = pattern === undefined || pattern === '/*' ? 'unknown' : `${request.method} ${pattern}`;
  return { route, carrier: 'http', status };
}
