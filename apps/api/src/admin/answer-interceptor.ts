import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { headerOf, type AdminReply, type AdminRequest } from './exchange.js';

/** What every answer has: nobody on the way keeps it; and 304 for whoever has it already. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const reply = context.switchToHttp().getResponse<AdminReply>();
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    return next.handle().pipe(
      map((answer: unknown) => {
        const etag = reply.getHeader('etag');
        if (request.method !== 'GET' || etag === undefined) return answer;
        void reply.header('cache-control', 'private, no-cache');
        const known = headerOf(request, 'if-none-match')?.split(',') ?? [];
        if (!known.some((one) => one.trim() === etag)) return answer;
        void reply.code(304);
        return undefined;
      }),
    );
  }
}
