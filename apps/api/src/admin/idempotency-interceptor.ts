import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { lastValueFrom, of, type Observable } from 'rxjs';
import {
  AdminAnswersService,
  type KeptAnswer,
  type KeyedRequest,
} from '../../../../libs/community/admin/admin-answers.service.js';
import { headerOf, type AdminReply, type AdminRequest } from './exchange.js';
import { ProblemError } from './problem.js';

export const REPEATABLE = 'plaza:admin-repeatable';

const KEY = /^[\u0021-\u007e]{1,64}$/;
/** Of an answer, what is kept beside its body. */
const KEPT_HEADERS = ['etag', 'location'];

/** A write that comes again under the same `Idempotency-Key` is answered as the first time, and done no second time. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly answers: AdminAnswersService,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const reply = context.switchToHttp().getResponse<AdminReply>();
    const key = headerOf(request, 'idempotency-key');
    const isRepeatable = this.reflector.get<true | undefined>(REPEATABLE, context.getHandler());
    if (key === undefined || !isRepeatable || !request.asked) return next.handle();
    if (!KEY.test(key))
      throw new ProblemError('invalid', 'An Idempotency-Key has 1 to 64 printable characters');
    const keyed = keyedRequest(request, request.asked.principal.key, key);
    const replay = await this.answers.begin(keyed);
    if (replay === 'other-request')
      throw new ProblemError('conflict', 'This Idempotency-Key was used for another request');
    if (replay === 'under-way')
      throw new ProblemError('conflict', 'The first request with this Idempotency-Key is still under way');
    if (replay === 'first') return of(await this.first(keyed, next, reply));
    return of(repeat(reply, replay));
  }

  private async first(keyed: KeyedRequest, next: CallHandler, reply: AdminReply): Promise<unknown> {
    let answer: unknown;
    try {
      answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
    } catch (error) {
      await this.answers.forget(keyed);
      throw error;
    }
    const headers = KEPT_HEADERS.flatMap((name) => {
      const value = reply.getHeader(name);
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    const body = answer === undefined ? undefined : JSON.stringify(answer);
    await this.answers.finish(keyed, {
      status: reply.statusCode,
      headers: Object.fromEntries(headers),
      body,
    });
    return answer;
  }
}

const keyedRequest = (request: AdminRequest, principal: string, key: string): KeyedRequest => ({
  principal,
  key,
  line: `${request.method} ${request.url}`,
  body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
});

function repeat(reply: AdminReply, { status, headers, body }: KeptAnswer): unknown {
  void reply.code(status).headers({ ...headers, 'idempotent-replay': 'true' });
  return body === undefined ? undefined : (JSON.parse(body) as unknown);
}
