import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Tally } from '../../../../libs/metrics/tally.js';
import type { OnionGateway, OpenedOnion } from '../../../../libs/onion-gateway/onion-gateway.js';
import { WireError } from '../../../../libs/protocol/errors.js';
import {
  CONTENT_TYPE_BYTES,
  CONTENT_TYPE_TEXT,
  EMPTY_BODY,
  type WireResponse,
} from '../../../../libs/protocol/wire.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import { answerError } from './http-server.js';
import { landOnPage } from './pages/page-endpoints.js';
import type { PagesService } from './pages/pages.service.js';
import { noteRoute } from './request-log.js';
import { sendWireResponse, toWireRequest } from './wire-conversion.js';

const ONION_FAILURES = new Tally(
  'plaza_onion_failures_total',
  'Onion requests that could not be opened, by reason',
  ['reason'],
);
const ONION_PREFIX = 'Invalid onion request: ';

const ONION_ENDPOINTS = [
  { path: '/oxen/v4/lsrpc', version: 4 },
  { path: '/oxen/v3/lsrpc', version: 3 },
  { path: '/loki/v3/lsrpc', version: 3 },
] as const;

/**
 * Everything of the protocol goes through here: onion requests through the gateway, the rest straight to the
 * dispatcher. Nest's own controllers (health, administration) have paths of their own, which win over the last one.
 */
export function addProtocolEndpoints(
  fastify: FastifyInstance,
  dispatcher: Dispatcher,
  gateway: OnionGateway,
  pages: PagesService,
): void {
  for (const { path, version } of ONION_ENDPOINTS)
    fastify.post(path, { errorHandler }, async (request, reply) => {
      const response = await answerOnion(request, version, { dispatcher, gateway });
      return sendWireResponse(reply, response);
    });
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wireRequest = toWireRequest(request);
    const landing = dispatcher.knows(wireRequest.path) ? undefined : landOnPage(request, wireRequest, pages);
    if (landing) return sendWireResponse(reply, landing);
    const { response, route } = await dispatcher.dispatch(wireRequest, 'http');
    noteRoute(request, route);
    return sendWireResponse(reply, response);
  };
  fastify.all('/*', { errorHandler }, answer);
}

const errorHandler = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  answerError(error, reply);

function openOnion(gateway: OnionGateway, envelope: Buffer, version: 3 | 4): OpenedOnion {
  try {
    const opened = gateway.open(envelope, version);
    if ('refusal' in opened) ONION_FAILURES.add('no request inside');
    return opened;
  } catch (error) {
    if (error instanceof WireError) ONION_FAILURES.add(error.text.replace(ONION_PREFIX, ''));
    throw error;
  }
}

/** HTTP 200 whatever the answer inside: another status makes a client throw its whole path away (clients.md). */
async function answerOnion(
  request: FastifyRequest,
  version: 3 | 4,
  { dispatcher, gateway }: { dispatcher: Dispatcher; gateway: OnionGateway },
): Promise<WireResponse> {
  const headers = { 'content-type': version === 4 ? CONTENT_TYPE_BYTES : CONTENT_TYPE_TEXT };
  const envelope = Buffer.isBuffer(request.body) ? request.body : EMPTY_BODY;
  const opened = openOnion(gateway, envelope, version);
  if ('refusal' in opened) return { status: 200, headers, body: opened.refusal };
  const { response, route } = await dispatcher.dispatch(opened.request, 'onion');
  noteRoute(request, route, { carrier: `onion v${version}`, status: response.status });
  const inner = opened.request.method === 'HEAD' ? { ...response, body: EMPTY_BODY } : response;
  return { status: 200, headers, body: opened.seal(inner) };
}
