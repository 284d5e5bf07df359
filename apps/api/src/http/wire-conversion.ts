import type { FastifyReply, FastifyRequest } from 'fastify';
import { flightOf } from './admission/flights.js';
import {
  EMPTY_BODY,
  parseTarget,
  type WireRequest,
  type WireResponse,
} from '../../../../libs/protocol/wire.js';

/**
 * What arrived over HTTP as the protocol sees it. Throws 400 for broken percent-encoding. (Raw UTF-8 in a request line
 * is no HTTP, and Node's parser refuses it; inside onions and batches it is as good as percent-encoded.)
 */
export function toWireRequest(request: FastifyRequest): WireRequest {
  return {
    method: request.method,
    ...parseTarget(request.raw.url ?? '/'),
    headers: singleHeaders(request),
    body: Buffer.isBuffer(request.body) ? request.body : EMPTY_BODY,
  };
}

export function sendWireResponse(reply: FastifyReply, { status, headers, body }: WireResponse): FastifyReply {
  flightOf(reply.raw)?.answering(body.length);
  // Set here also for HEAD, whose body stays away, and for empty ones: clients wait for it.
  if (status !== 304) void reply.header('content-length', body.length);
  return reply
    .code(status)
    .headers(headers)
    .send(status === 304 ? undefined : body);
}

/** Node joins repeated headers with a comma, except set-cookie, which nobody sends here. */
const singleHeaders = (request: FastifyRequest): WireRequest['headers'] =>
  request.headers as WireRequest['headers'];
