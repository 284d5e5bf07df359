import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { join } from 'node:path';
import { projectRoot } from '../../../../../libs/config/project-root.js';
import { selectCryptoBackend } from '../../../../../libs/crypto/select-backend.js';
import { methodNotAllowed, notFound } from '../../../../../libs/protocol/errors.js';
import { textResponse, type WireResponse } from '../../../../../libs/protocol/wire.js';
import { answerError } from '../http-server.js';
import { landOnPage } from '../pages/page-endpoints.js';
import type { PagesService } from '../pages/pages.service.js';
import { sendWireResponse, toWireRequest } from '../wire-conversion.js';
import { ConsoleFiles } from './console-files.js';

const NONCE_BYTES = 18;
/** Where `apps/console/index.html` wants the nonce. */
const NONCE_PLACE = /(<meta name="style-nonce" nonce=")"/;
const ASSET_MAX_AGE = 'public, max-age=31536000, immutable';
/** Paths under /admin that are the API's; what it does not know there is not a page of ours either. */
const OF_THE_API = /^\/admin\/(?:v1|docs)(?:[/?-]|$)/;

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Nothing runs inline and nothing comes from elsewhere; styles that components add at run time carry the nonce. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * The console at /admin: its files by name, and its page for every other path, since the program in the page knows
 * what they mean. It holds no data; the admin API decides what its users see.
 */
export function addConsole(
  fastify: FastifyInstance,
  pages: PagesService,
  folder = join(projectRoot, 'dist', 'console'),
): void {
  const files = new ConsoleFiles(folder);
  const add = (
    path: string,
    answer: (request: FastifyRequest) => Promise<WireResponse> | WireResponse,
  ): void => {
    fastify.all(
      path,
      { errorHandler: (error, _request, reply) => answerError(error, reply) },
      async (request, reply): Promise<FastifyReply> => {
        if (OF_THE_API.test(request.raw.url ?? '')) throw notFound();
        if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed(['GET', 'HEAD']);
        return sendWireResponse(reply, await answer(request));
      },
    );
  };
  // A room may be called admin, and its join link be opened.
  add('/admin', (request) => landOnPage(request, toWireRequest(request), pages) ?? pageOf(files));
  add('/admin/*', () => pageOf(files));
  add('/admin/assets/:name', (request) => assetOf(files, request));
}

function pageOf({ page }: ConsoleFiles): WireResponse {
  if (page === undefined) return textResponse(503, 'The console was not built: run "npm run build"');
  const nonce = selectCryptoBackend('sodium').randomBytes(NONCE_BYTES).toString('base64');
  return {
    status: 200,
    headers: {
      ...SECURITY_HEADERS,
      'content-security-policy': policy(nonce),
      'content-type': 'text/html; charset=utf-8',
      // A page that was kept would name the files of an older version.
      'cache-control': 'no-store',
    },
    body: Buffer.from(page.replace(NONCE_PLACE, `$1${nonce}"`)),
  };
}

async function assetOf(files: ConsoleFiles, request: FastifyRequest): Promise<WireResponse> {
  const { name = '' } = request.params as { name?: string };
  const file = files.asset(name);
  if (!file) throw notFound();
  const { bytes, encoding } = await file.body(request.headers['accept-encoding']);
  return {
    status: 200,
    headers: {
      ...SECURITY_HEADERS,
      'content-type': file.contentType,
      'cache-control': ASSET_MAX_AGE,
      vary: 'Accept-Encoding',
      ...(encoding && { 'content-encoding': encoding }),
    },
    body: bytes,
  };
}
