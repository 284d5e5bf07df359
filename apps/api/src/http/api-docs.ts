import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminModule } from '../admin/admin.module.js';

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
    swaggerOptions: { persistAuthorization: true },
  });
}
