import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { openApiSchema } from './json-schema.js';

const problemBody = z.object({
  type: z.string().describe('urn:plaza:problem:…, for programs'),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  confirmationToken: z.string().optional().describe('To be sent as X-Confirmation-Token, to do it'),
  expiresAt: z.iso.datetime().optional().describe('Of the confirmationToken'),
  summary: z.string().optional().describe('For people: what will be gone'),
});

/** For `ApiResponse`: a refusal as `application/problem+json`. */
export const problemAnswer = (status: number, description: string): ApiResponseOptions => ({
  status,
  description,
  content: { 'application/problem+json': { schema: openApiSchema(problemBody, 'output') } },
});

/** A success, with what its body is. */
export const Answers = (status: number, description: string, schema: z.ZodType): MethodDecorator =>
  applyDecorators(
    HttpCode(status),
    ApiResponse({
      status,
      description,
      content: { 'application/json': { schema: openApiSchema(schema, 'output') } },
    }),
  );

/** A success without a body, or with one of bytes. */
export const AnswersBytes = (description: string): MethodDecorator =>
  applyDecorators(
    HttpCode(200),
    ApiResponse({ status: 200, description, content: { 'application/octet-stream': {} } }),
  );

export const AnswersNothing = (description: string): MethodDecorator =>
  applyDecorators(HttpCode(204), ApiResponse({ status: 204, description }));

/** Refusals beside those that {@link Needs} and the input bring. */
export const Refuses = (refusals: Readonly<Record<number, string>>): MethodDecorator =>
  applyDecorators(
    ...Object.entries(refusals).map(([status, text]) => ApiResponse(problemAnswer(Number(status), text))),
  );
