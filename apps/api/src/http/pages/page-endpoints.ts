import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { methodNotAllowed, notFound } from '../../../../../libs/protocol/errors.js';
import type { WireRequest, WireResponse } from '../../../../../libs/protocol/wire.js';
import { answerError } from '../http-server.js';
import { noteRoute } from '../request-log.js';
import { sendWireResponse, toWireRequest } from '../wire-conversion.js';
import type { PagesService, Visit } from './pages.service.js';

type Params = Partial<Record<'room' | 'asset', string>>;
type MakePage = (
  params: Params,
  request: WireRequest,
  visit: Visit,
) => Promise<WireResponse> | WireResponse | undefined;

/**
 * The pages for people. They are of HTTP alone: neither a batch nor an onion request sees these paths, and nobody
 * signs for them.
 */
export function addPages(fastify: FastifyInstance, pages: PagesService): void {
  const page = (path: string, make: MakePage): void => {
    fastify.all(
      path,
      { errorHandler: (error, _request, reply) => answerError(error, reply) },
      (request, reply) => answerPage(request, reply, { pages, make }),
    );
  };
  page('/', (_params, _request, visit) => pages.index(visit));
  page('/r/:room', ({ room = '' }, request, visit) => pages.bareRoom(room, request, visit));
  page('/r/:room/', ({ room = '' }, request, visit) => pages.room(room, request, visit));
  page('/r/:room/invite.png', ({ room = '' }, _request, visit) => pages.invite(room, visit));
  page('/pages/:asset', ({ asset = '' }, request) => pages.asset(asset, request));
}

/** What a browser that opens a join link gets; undefined for any other request. */
export function landOnPage(
  request: FastifyRequest,
  wireRequest: WireRequest,
  pages: PagesService,
): WireResponse | undefined {
  const landing = pages.joinLinkLanding(wireRequest, visitOf(request));
  if (landing) noteRoute(request, 'GET /{room}?public_key');
  return landing;
}

/** By which port a request came. */
const visitOf = (request: FastifyRequest): Visit => ({ port: request.socket.localPort ?? 0 });

async function answerPage(
  request: FastifyRequest,
  reply: FastifyReply,
  { pages, make }: { pages: PagesService; make: MakePage },
): Promise<FastifyReply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed(['GET', 'HEAD']);
  const visit = visitOf(request);
  const made = Promise.resolve(make(request.params as Params, toWireRequest(request), visit));
  const response = await made.catch((error: unknown) => pages.failure(error, visit));
  if (!response) throw notFound();
  return sendWireResponse(reply, response);
}
