import {
  createServer,
  METHODS,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../../../libs/config/config.js';
import { badRequest, payloadTooLarge, WireError } from '../../../../libs/protocol/errors.js';
import { CONTENT_TYPE_TEXT, errorResponse } from '../../../../libs/protocol/wire.js';
import type { Admission } from './admission/admission.js';
import { STOPPED_CODE } from './admission/held-connections.js';
import { SHED } from './admission/shed.js';
import { sendWireResponse } from './wire-conversion.js';

/** A client that sends its headers, or its body, more slowly than this is not waited for. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the usual 60 s of proxies in front, so that they and not we close idle connections. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** How late a timeout may be noticed. */
const CHECK_CONNECTIONS_EVERY_MS = 5_000;
const URL_PARAM_LENGTH_MAX = 8_192;

type HttpConfig = Pick<Config, 'limits' | 'abuseLimits'>;

/** The HTTP server under Nest, asking `admission` before anything else: bounds, raw bodies, and errors of the protocol's kind. */
export function makeHttpServer(config: HttpConfig, admission: Admission): FastifyAdapter {
  const { limits } = config;
  const adapter = new FastifyAdapter({
    bodyLimit: limits.httpBodyBytesMax,
    serverFactory: (handle: RequestListener) => makeNodeServer(config, admission, handle),
    routerOptions: { maxParamLength: URL_PARAM_LENGTH_MAX },
    genReqId: requestIds(),
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) =>
      answerError(error, reply),
  });
  const fastify: FastifyInstance = adapter.getInstance();
  takeRawBodies(fastify);
  takeAllMethods(fastify);
  return adapter;
}

/** Nobody is told to go on sending a body before it is clear that it will be read. */
function makeNodeServer(
  { limits, abuseLimits }: HttpConfig,
  admission: Admission,
  handle: RequestListener,
): Server {
  const server = createServer({
    maxHeaderSize: limits.httpHeaderBytesMax,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_CONNECTIONS_EVERY_MS,
    requireHostHeader: false, // Node would refuse those without admission; `answer` does it
  });
  server.maxConnections = abuseLimits.connectionsMax;
  server.on('drop', () => SHED.add('connections'));
  const answer: RequestListener = (request, response) =>
    lacksHost(request) ? refusePlainly(response, 400) : handle(request, response);
  server.on('request', (request, response) => admission.admit(request, response, answer));
  server.on('checkContinue', (request, response) =>
    admission.admit(request, response, () => {
      response.writeContinue();
      answer(request, response);
    }),
  );
  server.on('checkExpectation', (request, response) =>
    admission.admit(request, response, () => refusePlainly(response, 417)),
  );
  return server;
}

const lacksHost = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.host === undefined && httpVersion === '1.1';

/** What HTTP itself forbids; nothing is known of what else is on its way, so the connection ends. */
function refusePlainly(response: ServerResponse, status: 400 | 417): void {
  const text = STATUS_CODES[status]!;
  response.shouldKeepAlive = false;
  response.writeHead(status, { 'Content-Type': CONTENT_TYPE_TEXT, 'Content-Length': text.length }).end(text);
}

/** Bodies are bytes whatever their content type, well-formed or not: iOS uploads files as `application/json` (clients.md). */
function takeRawBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.raw.headers['content-type'] = undefined; // deleting it would make every look at headers slower
    done();
  });
}

/** So that every method that Node understands reaches the dispatcher, which knows what to answer. */
function takeAllMethods(fastify: FastifyInstance): void {
  const missing = METHODS.filter(
    (method) => method !== 'CONNECT' && !fastify.supportedMethods.includes(method),
  );
  for (const method of missing) fastify.addHttpMethod(method, { hasBody: true });
  // Fastify would demand a content type of it, and ours are taken away above.
  if (METHODS.includes('QUERY')) fastify.addHttpMethod('QUERY', { overrideExisting: true });
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** For what Node's parser cannot read as HTTP at all: one plain answer, and the connection is over. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === STOPPED_CODE) return; // whoever sends too many requests at once is held
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = UNREADABLE[error.code ?? ''] ?? '400 Bad Request';
  const text = status.slice(4);
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${CONTENT_TYPE_TEXT}\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
  );
}

/** What Fastify itself refuses, before or beside our routes, in the protocol's form. */
export function answerError(error: FastifyError | WireError, reply: FastifyReply): FastifyReply {
  const refusal = error instanceof WireError ? error : refusalOf(error);
  return sendWireResponse(reply, errorResponse(refusal));
}

function refusalOf(error: FastifyError): WireError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return payloadTooLarge();
    case 'FST_ERR_BAD_URL':
      return badRequest('The path is not valid percent-encoded UTF-8');
    default: {
      const status = error.statusCode ?? 500;
      return status < 500
        ? new WireError(status, error.message)
        : new WireError(500, 'Internal Server Error');
    }
  }
}

/** Unique in one log: the process by its start, the request by its number. */
function requestIds(): () => string {
  const start = (Date.now() % 46_656_000).toString(36);
  let count = 0;
  return () => `${start}-${(count++).toString(36)}`;
}
