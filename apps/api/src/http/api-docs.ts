import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminModule } from '../admin/admin.module.js';

const DOCS = /^\/(?:api|admin)\/docs(?:[/?-]|$)/;
/** Swagger UI adds styles at run time, without a nonce. */
const DOCS_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Before the routes of the documents are added. They are on the console's origin, and people type tokens there. */
export function guardDocs(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (!DOCS.test(route.url)) return;
    route.onSend = async (_request, reply) => void reply.headers(DOCS_HEADERS);
  });
}

/** `/api/openapi.json`, and Swagger UI for people at `/api/docs`. */
export function addApiDocs(app: NestFastifyApplication, document: Record<string, unknown>): void {
  SwaggerModule.setup('api/docs', app, document as unknown as OpenAPIObject, {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'Plaza: the Session Community protocol',
    raw: ['json'],
  });
}

/** The same for the admin API: `/admin/openapi.json` and `/admin/docs`, from what its controllers declare. */
export function addAdminDocs(
  app: NestFastifyApplication,
  about: { version: string; serverUrl: string },
): void {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Plaza: administration')
    .setDescription(
      'For those who look after a community. Ask with a token (`plaza token create`), as a Session identity with signed headers, or from the console.',
    )
    .setVersion(about.version)
    .addServer(about.serverUrl)
    .addSecurity('token', { type: 'http', scheme: 'bearer', description: 'plz_…, from plaza token create' })
    .addSecurity('session', { type: 'apiKey', in: 'cookie', name: 'plaza_session' })
    .build();
  const document = SwaggerModule.createDocument(app, settings, {
    include: [AdminModule],
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}-${method}`,
  });
  SwaggerModule.setup('admin/docs', app, document, {
    jsonDocumentUrl: 'admin/openapi.json',
    customSiteTitle: 'Plaza: administration',
    raw: ['json'],
  });
}
