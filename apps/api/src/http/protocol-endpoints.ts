import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Tally } from '../../../../libs/metrics/tally.js';
import { onionVersionOf, type OnionVersion } from '../../../../libs/protocol/onion-endpoints.js';
import type { OnionGateway, OpenedOnion } from '../../../../libs/onion-gateway/onion-gateway.js';
import { tracedStep } from '../../../../libs/tracing/spans.js';
import { WireError } from '../../../../libs/protocol/errors.js';
import {
  CONTENT_TYPE_BYTES,
  CONTENT_TYPE_TEXT,
  EMPTY_BODY,
  type WireResponse,
} from '../../../../libs/protocol/wire.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { Carrier } from '../dispatch/route.js';
import type { Admission } from './admission/admission.js';
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

/** A browser that is led here must not run what somebody uploaded or wrote, nor take it for a script of the console. */
const FROM_STRANGERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
} as const;

export interface ProtocolParts {
  dispatcher: Dispatcher;
  gateway: OnionGateway;
  /** Told which onions could be opened. */
  admission: Admission;
  pages: PagesService;
}

/**
 * Everything of the protocol goes through here: onion requests through the gateway, the rest straight to the
 * dispatcher. Nest's own controllers (health, administration) have paths of their own, which win over the last one.
 */
export function addProtocolEndpoints(fastify: FastifyInstance, parts: ProtocolParts): void {
  const { dispatcher, pages } = parts;
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wireRequest = toWireRequest(request);
    const version = onionVersionOf(request.raw);
    if (version !== undefined) {
      noteRoute(request, `POST ${wireRequest.path}`);
      const opened = await openOnion(parts, version, request, reply);
      return sendWireResponse(reply, await answerOnion({ request, reply }, version, opened, dispatcher));
    }
    const landing = landOnPage(request, wireRequest, pages);
    // A room may have the name of an endpoint; no client asks an endpoint with a key.
    if (landing && (!dispatcher.knows(wireRequest.path) || (await pages.isRoom(wireRequest.path))))
      return sendWireResponse(reply, landing);
    const { response, route } = await dispatcher.dispatch(wireRequest, carriedBy('http', reply));
    noteRoute(request, route);
    return sendWireResponse(reply.headers(FROM_STRANGERS), response);
  };
  fastify.all('/*', { errorHandler }, answer);
}

const carriedBy = (carrier: Carrier['carrier'], { raw }: FastifyReply): Carrier => ({
  carrier,
  isAwaited: () => !raw.closed,
});

const errorHandler = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  answerError(error, reply);

/** Throws 400 for what cannot be opened, later if there was much of that. */
async function openOnion(
  { gateway, admission }: ProtocolParts,
  version: OnionVersion,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<OpenedOnion> {
  const envelope = Buffer.isBuffer(request.body) ? request.body : EMPTY_BODY;
  try {
    const opened = tracedStep('open onion', () => gateway.open(envelope, version));
    admission.onionOpened(request.raw);
    if ('refusal' in opened) ONION_FAILURES.add('no request inside');
    return opened;
  } catch (error) {
    if (error instanceof WireError) ONION_FAILURES.add(error.text.replace(ONION_PREFIX, ''));
    request.body = undefined; // it may be large, and who sent it may have to wait
    await admission.onionFailed(request.raw, reply.raw, envelope.length);
    throw error;
  }
}

/** HTTP 200 whatever the answer inside: another status makes a client throw its whole path away (clients.md). */
async function answerOnion(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  version: OnionVersion,
  opened: OpenedOnion,
  dispatcher: Dispatcher,
): Promise<WireResponse> {
  const headers = { 'content-type': version === 4 ? CONTENT_TYPE_BYTES : CONTENT_TYPE_TEXT };
  if ('refusal' in opened) return { status: 200, headers, body: opened.refusal };
  const { response, route } = await dispatcher.dispatch(opened.request, carriedBy('onion', reply));
  noteRoute(request, route, { carrier: `onion v${version}`, status: response.status });
  const inner = opened.request.method === 'HEAD' ? { ...response, body: EMPTY_BODY } : response;
  return { status: 200, headers, body: tracedStep('seal onion', () => opened.seal(inner)) };
}
