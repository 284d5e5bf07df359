import { applyDecorators, Controller, SetMetadata, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { ADMIN_PATH } from './admin-path.js';
import { AnswerInterceptor } from './answer-interceptor.js';
import { IdempotencyInterceptor, REPEATABLE } from './idempotency-interceptor.js';
import { PrincipalGuard } from './principal-guard.js';

/** A controller of the admin API: `path` is below `/admin/v1`, `tag` its heading in the description. */
export const AdminController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(
    Controller(path === '' ? ADMIN_PATH : `${ADMIN_PATH}/${path}`),
    UseGuards(PrincipalGuard),
    UseInterceptors(AnswerInterceptor, IdempotencyInterceptor),
    ApiTags(tag),
  );

/** Of a write that may be sent again when its answer was lost. Not of one whose answer holds a secret: it is kept. */
export const Repeatable = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(REPEATABLE, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Up to 64 printable characters: the same write again within a day gets the first answer',
      schema: { type: 'string', maxLength: 64 },
    }),
  );

/** Of a write that changes what somebody read before. */
export const Conditional = (): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required: true,
    description: 'The ETag of what was read; 412 when somebody else has changed it since',
    schema: { type: 'string' },
  });
