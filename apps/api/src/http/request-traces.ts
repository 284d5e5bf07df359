import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TracedRequest } from '../../../../libs/tracing/spans.js';
import { noted } from './request-log.js';

/** Asked every few seconds by machines, and never interesting. */
const NOT_TRACED = '/health/';

/** A trace for each request, with what the log says of it too. Costs a comparison while tracing is off. */
export function traceRequests(fastify: FastifyInstance): void {
  const underWay = new WeakMap<FastifyRequest, TracedRequest>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const traced = request.url.startsWith(NOT_TRACED) ? undefined : TracedRequest.begin(request.method);
    if (traced) underWay.set(request, traced);
    done();
  });
  // Not sooner: what reads the body would lose it again.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const traced = underWay.get(request);
    if (traced) traced.inside(done);
    else done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const traced = underWay.get(request);
    if (traced) {
      const { route, carrier, status } = noted(request, reply.statusCode);
      const attributes = {
        'http.route': route,
        'plaza.carrier': carrier,
        'http.response.status_code': status,
      };
      traced.end(route, { attributes, isFailure: status >= 500 });
    }
    done();
  });
}
