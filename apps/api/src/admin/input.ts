import { Body, Param, Query, type PipeTransform } from '@nestjs/common';
import { ApiBody, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { parseJson } from '../../../../libs/protocol/json.js';
import { DEFAULT_LIMITS } from '../../../../libs/protocol/limits.js';
import { problemAnswer } from './answers.js';
import { openApiSchema } from './json-schema.js';

/** Parses by a schema; the filter answers what does not fit with all that is wrong. */
class SchemaPipe implements PipeTransform {
  constructor(private readonly schema: z.ZodType) {}

  transform(value: unknown): unknown {
    return this.schema.parse(value);
  }
}

/** Bodies arrive as bytes, whatever they say they are. */
class JsonPipe extends SchemaPipe {
  override transform(value: unknown): unknown {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.alloc(0);
    return super.transform(parseJson(bytes, DEFAULT_LIMITS.jsonDepthMax));
  }
}

type Documented = (target: object, key: string, descriptor: PropertyDescriptor) => void;

/** A parameter decorator that documents its method too, so that what is checked and what is said cannot part. */
function documented(parameter: ParameterDecorator, documents: readonly unknown[]): ParameterDecorator {
  return (target, key, index) => {
    parameter(target, key, index);
    const descriptor = Object.getOwnPropertyDescriptor(target, key!)!;
    for (const document of documents as Documented[]) document(target, String(key), descriptor);
  };
}

const badInput = () => ApiResponse(problemAnswer(400, 'The request is not valid; `errors` says where'));

/** The JSON body. */
export const JsonBody = (schema: z.ZodType): ParameterDecorator =>
  documented(Body(new JsonPipe(schema)), [
    ApiBody({
      required: true,
      // Nest knows no content of a body but by its schema.
      schema: openApiSchema(schema, 'input'),
    }),
    badInput(),
  ]);

/** The query, all of it. */
export const QueryOf = (schema: z.ZodObject): ParameterDecorator => {
  const { properties = {}, required = [] } = openApiSchema(schema, 'input') as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  const parameters = Object.entries(properties).map(([name, { description, ...property }]) =>
    ApiQuery({
      name,
      required: required.includes(name),
      schema: property,
      ...(description !== undefined && { description }),
    }),
  );
  return documented(Query(new SchemaPipe(schema)), [...parameters, badInput()]);
};

/** One part of the path. What cannot be one names nothing, so whoever sends it is told what is not there. */
export const PathOf = (name: string, schema: z.ZodType, description: string): ParameterDecorator =>
  documented(Param(name, new SchemaPipe(schema)), [
    ApiParam({ name, description, schema: openApiSchema(schema, 'input') }),
    badInput(),
    ApiResponse(problemAnswer(404, 'There is no such thing')),
  ]);
