import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** `/api/openapi.json`, and Swagger UI for people at `/api/docs`. */
export function addApiDocs(app: NestFastifyApplication, document: Record<string, unknown>): void {
  SwaggerModule.setup('api/docs', app, document as unknown as OpenAPIObject, {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'Plaza: the Session Community protocol',
    raw: ['json'],
  });
}
