import type { FastifyReply, FastifyRequest } from 'fastify';
import { badRequest } from '../../../../libs/protocol/errors.js';
import {
  EMPTY_BODY,
  parseTarget,
  type WireRequest,
  type WireResponse,
} from '../../../../libs/protocol/wire.js';

/**
 * What arrived over HTTP as the protocol sees it. Node hands the request line over as Latin-1: raw UTF-8 in a path
 * is put together again. Throws 400 for a path that is not UTF-8.
 */
export function toWireRequest(request: FastifyRequest): WireRequest {
  return {
    method: request.method,
    ...parseTarget(utf8Target(request.raw.url ?? '/')),
    headers: singleHeaders(request),
    body: Buffer.isBuffer(request.body) ? request.body : EMPTY_BODY,
  };
}

export function sendWireResponse(reply: FastifyReply, { status, headers, body }: WireResponse): FastifyReply {
  // Set here also for HEAD, whose body stays away, and for empty ones: clients wait for it.
  if (status !== 304) void reply.header('content-length', body.length);
  return reply
    .code(status)
    .headers(headers)
    .send(status === 304 ? undefined : body);
}

function utf8Target(target: string): string {
  // eslint-disable-next-line no-control-regex
  if (!/[^\u0000-\u007f]/.test(target)) return target;
  try {
    return utf8.decode(Buffer.from(target, 'latin1'));
  } catch {
    throw badRequest('The path is not valid UTF-8');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Node joins repeated headers with a comma, except set-cookie, which nobody sends here. */
const singleHeaders = (request: FastifyRequest): WireRequest['headers'] =>
  request.headers as WireRequest['headers'];
