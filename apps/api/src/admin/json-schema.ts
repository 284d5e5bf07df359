import type { ApiBodyOptions, ApiResponseSchemaHost } from '@nestjs/swagger';
import { z } from 'zod';

export type OpenApiSchema = ApiResponseSchemaHost['schema'] &
  NonNullable<ApiBodyOptions['schema' & keyof ApiBodyOptions]>;

/** A zod schema as OpenAPI 3.1 says it. */
export function openApiSchema(schema: z.ZodType, io: 'input' | 'output'): OpenApiSchema {
  const { $schema: _dialect, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return made as OpenApiSchema;
}
