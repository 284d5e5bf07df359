import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ZodError } from 'zod';
import { RulesError } from '../../../../libs/moderation/rules-error.js';
import { WireError } from '../../../../libs/protocol/errors.js';
import { placeText } from '../../../../libs/protocol/place-text.js';
import { UnavailableError } from '../../../../libs/protocol/unavailable-error.js';
import { FailureLog } from '../failure-log.js';
import type { AdminReply, AdminRequest } from './exchange.js';
import { kindOfStatus, ProblemError } from './problem.js';

const RETRY_AFTER = { 'retry-after': '5' };
const ISSUES_MAX = 20;

/** Turns whatever a controller throws into `application/problem+json`. Nothing else answers errors of the admin API. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new FailureLog('admin');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<AdminRequest>();
    const reply = host.switchToHttp().getResponse<AdminReply>();
    const problem = this.problemOf(error, `${request.method} ${request.routeOptions.url}`);
    // As bytes: a string would be sent with a charset that this media type does not have.
    const body = Buffer.from(JSON.stringify(problem.body()));
    void reply
      .code(problem.status)
      .headers({
        ...(problem.kind === 'unavailable' && RETRY_AFTER),
        ...problem.headers,
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
      })
      .send(body);
  }

  private problemOf(error: unknown, route: string): ProblemError {
    if (error instanceof ProblemError) return error;
    if (error instanceof WireError) return new ProblemError(kindOfStatus(error.status), error.text);
    if (error instanceof ZodError) return invalid(error);
    if (error instanceof RulesError)
      return new ProblemError('invalid', error.message, { errors: error.errors });
    if (error instanceof UnavailableError) {
      this.log.unavailable(route, error);
      return new ProblemError('unavailable');
    }
    const status = statusOf(error);
    if (status !== undefined && status < 500) return new ProblemError(kindOfStatus(status));
    this.log.failed(route, error);
    return new ProblemError('failed');
  }
}

function invalid({ issues }: ZodError): ProblemError {
  const errors = issues.slice(0, ISSUES_MAX).map(({ path, message }) => ({ path: path.join('.'), message }));
  const [first] = errors;
  return new ProblemError('invalid', first && placeText(first), { errors });
}

/** Nest's own refusals, and Fastify's (a body that is too large). */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
