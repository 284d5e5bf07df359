import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HealthChecks } from './health-checks.js';

describe('health checks', () => {
  let checks: HealthChecks;
  beforeEach(() => {
    checks = new HealthChecks();
  });
  afterEach(() => checks.close());

  const ask = (target: string, headers: IncomingMessage['headers'] = {}): EventEmitter | undefined => {
    const [method, url] = target.split(' ');
    const request = { method, url, headers, complete: true } as unknown as IncomingMessage;
    const response = new EventEmitter();
    return checks.begin(request, response as unknown as ServerResponse) ? response : undefined;
  };

  it.each(['GET /health/live', 'HEAD /health/live', 'GET /health/ready', 'HEAD /health/ready'])(
    'are: %s',
    (target) => expect(ask(target)).toBeDefined(),
  );

  it.each([
    'POST /health/live',
    'OPTIONS /health/ready',
    'GET /health/live?x',
    'GET //health/live',
    'GET /health/live/',
    'GET /health/x',
    'GET http://x/health/live',
    'GET /%68ealth/live',
  ])('are not: %s', (target) => expect(ask(target)).toBeUndefined());

  it('have no body', () => {
    expect(ask('GET /health/live', { 'content-length': '0' })).toBeDefined();
    expect(ask('GET /health/live', { 'content-length': '1' })).toBeUndefined();
    expect(ask('GET /health/live', { 'transfer-encoding': 'chunked' })).toBeUndefined();
  });

  it('are few at a time, each kind for itself', () => {
    const asked = Array.from({ length: 20 }, () => ask('GET /health/ready'));
    expect(asked.filter((response) => response !== undefined)).toHaveLength(16);
    expect(ask('GET /health/live')).toBeDefined();
    asked[0]!.emit('close');
    expect(ask('GET /health/ready')).toBeDefined();
  });
});
