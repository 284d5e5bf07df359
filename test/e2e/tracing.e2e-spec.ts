import { endEverything } from '../support/kept-processes.js';
import { call, messageBody, newAccount, onionCall, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { inventoriedNames } from '../support/privacy-inventory.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';
import { http, sessionClientReady } from '../support/session-client.js';
import { TraceCollector, type CollectedSpan } from '../support/trace-collector.js';

jest.setTimeout(180_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

let collector: TraceCollector;
let server: PlazaProcess;
let isRunning = false;
afterEach(async () => {
  await stopServer();
  await collector.close();
});

async function stopServer(): Promise<number | null | undefined> {
  if (!isRunning) return undefined;
  isRunning = false;
  return (await server.stop()).code;
}

async function startTraced(env: Record<string, string> = {}): Promise<void> {
  collector = await TraceCollector.open();
  server = await startPlaza({ env: { TRACING_URL: collector.url, TRACING_RATIO: '1', ...env } });
  isRunning = true;
}

describe('tracing', () => {
  it('shows what a request in an onion went through, down to the database', async () => {
    await startTraced();
    const ann = newAccount(server);
    const batch = [{ method: 'POST', path: '/room/lobby/message', json: messageBody(ann, 'hello') }];
    expect((await onionCall(server, ann, 'POST', '/batch', { json: batch })).json[0].code).toBe(201);
    const spans = await collector.spansWith(
      ({ name, parentSpanId }) => name === 'POST /batch' && !parentSpanId,
    );
    const pathOf = (span: CollectedSpan): string[] => {
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
      return [...(parent ? pathOf(parent) : []), span.name];
    };
    const paths = spans.map(pathOf).filter(([root]) => root === 'POST /batch');
    expect(paths).toEqual(
      expect.arrayContaining([
        ['POST /batch', 'open onion'],
        ['POST /batch', 'POST /batch', 'authenticate', 'users.find'],
        ['POST /batch', 'POST /batch', 'authenticate', 'transaction', 'users.insert'],
        ['POST /batch', 'POST /batch', 'POST /room/{room}/message', 'messages.insert'],
        ['POST /batch', 'seal onion'],
      ]),
    );
  });

  it('says nothing about anybody', async () => {
    await startTraced();
    const ann = newAccount(server);
    await post(server, ann, 'lobby', 'unmistakable');
    await call(server, ann, 'GET', '/room/unheardof');
    await call(server, undefined, 'GET', '/no/such/path');
    await call(server, ann, 'POST', '/room/lobby/message', { body: Buffer.from('{unmistakable') });
    await call(server, undefined, 'GET', '/health/ready');
    await http(server.base, { method: 'POST', target: '/oxen/v4/lsrpc', body: Buffer.from('unmistakable') });
    // What it has to tell when it ends it tells for two seconds.
    for (const route of ['GET /room/{room}', 'unknown', 'POST /oxen/v4/lsrpc'])
      await collector.spansWith(({ name, parentSpanId }) => name === route && !parentSpanId);
    await stopServer();
    const spans = collector.spans;
    const routes = spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name);
    expect(routes.filter((name) => name.includes('/health/'))).toEqual([]);
    const attributes = new Set(spans.flatMap((span) => Object.keys(span.attributes)));
    const known = inventoriedNames('Traces');
    expect([...attributes].filter((name) => !known.includes(name))).toEqual([]);
    expect(attributes.size).toBeGreaterThan(3);
    for (const telling of ['unmistakable', 'unheardof', 'such/path', ann.blindedId, '127.0.0.1', 'lobby'])
      expect(collector.text).not.toContain(telling);
  });

  it('shows jobs, whatever begins them', async () => {
    await startTraced();
    const isHousekeeping = ({ attributes }: CollectedSpan) =>
      attributes['messaging.destination.name'] === 'housekeeping';
    const spans = await collector.spansWith(isHousekeeping);
    const job = spans.find(isHousekeeping)!;
    expect(job.parentSpanId).toBeUndefined();
    expect(spans.some(({ parentSpanId }) => parentSpanId === job.spanId)).toBe(true);
  });

  it('goes on when the collector is away', async () => {
    await startTraced({ TRACING_URL: 'http://127.0.0.1:9' });
    expect((await post(server, newAccount(server), 'lobby', 'hello')).status).toBe(201);
    expect(await stopServer()).toBe(0);
  });
});

describeWithRedis('tracing with Redis', () => {
  it('shows what Redis was asked', async () => {
    const redis = await ScratchRedis.start();
    try {
      await startTraced({ REDIS_URL: redis.url });
      await post(server, newAccount(server), 'lobby', 'hello');
      const spans = await collector.spansWith(({ name }) => name === 'POST /room/{room}/message');
      expect(spans.some(({ attributes }) => attributes['db.system.name'] === 'redis')).toBe(true);
    } finally {
      await redis.stop();
    }
  });
});
