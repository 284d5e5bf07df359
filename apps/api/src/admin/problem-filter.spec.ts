import type { ArgumentsHost } from '@nestjs/common';
import { UnavailableError } from '../../../../libs/protocol/unavailable-error.js';
import { ProblemFilter } from './problem-filter.js';
import { ProblemError } from './problem.js';

/** Status and headers of the answer. */
function answerTo(error: unknown): { status: number; headers: Record<string, string> } {
  const answer = { status: 0, headers: {} as Record<string, string> };
  const reply = {
    code: (status: number) => ((answer.status = status), reply),
    headers: (headers: Record<string, string>) => ((answer.headers = headers), reply),
    send: () => reply,
  };
  const request = { method: 'GET', routeOptions: { url: '/admin/v1/rooms' } };
  const http = { getRequest: () => request, getResponse: () => reply };
  new ProblemFilter().catch(error, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return answer;
}

describe('what cannot be done just now', () => {
  it.each([
    new UnavailableError('the database is away'),
    new ProblemError('unavailable', 'The job queue does not answer'),
  ])('is answered 503 with the time to come again: %s', (error) => {
    const { status, headers } = answerTo(error);
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });
});
