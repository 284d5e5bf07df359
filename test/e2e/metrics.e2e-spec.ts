import { setTimeout as delay } from 'node:timers/promises';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { call, newAccount, onionCall, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';
import { http, sessionClientReady } from '../support/session-client.js';

jest.setTimeout(90_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const METRICS_PORT = /"metricsPort":(\d+)/;
/** What is asked of a server takes a moment to be there: jobs begin by themselves. */
const PATIENCE_MS = 30_000;

/** Values by series, as Prometheus reads them. */
class Scrape {
  private constructor(readonly series: ReadonlyMap<string, number>) {}

  static async of(server: PlazaProcess): Promise<Scrape> {
    const [, port] = METRICS_PORT.exec(server.stderr()) ?? [];
    const { status, body } = await http(`http://127.0.0.1:${port}`, { method: 'GET', target: '/metrics' });
    expect(status).toBe(200);
    const lines = body.toString().split('\n');
    const values = lines.filter((line) => line !== '' && !line.startsWith('#'));
    return new Scrape(
      new Map(
        values.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))] as const),
      ),
    );
  }

  /** The sum of all series that start so. */
  sum(start: string): number {
    return [...this.series].reduce((sum, [name, value]) => (name.startsWith(start) ? sum + value : sum), 0);
  }
}

const LABEL_VALUE = /="([^"]*)"/g;

describe('a server with METRICS_PORT', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    server = await startPlaza({ env: { METRICS_PORT: '0' } });
  });
  afterAll(() => server.stop());

  it('counts requests by route and status, parts of onions included', async () => {
    const before = await Scrape.of(server);
    const ann = newAccount(server);
    await onionCall(server, ann, 'GET', '/room/lobby');
    await call(server, ann, 'GET', '/room/nowhere');
    await post(server, ann, 'lobby', 'hello');
    const after = await Scrape.of(server);
    const grown = (start: string) => after.sum(start) - before.sum(start);
    expect(grown('plaza_requests_total{route="GET /room/{room}",status="200"}')).toBe(1);
    expect(grown('plaza_requests_total{route="GET /room/{room}",status="404"}')).toBe(1);
    expect(grown('plaza_requests_total{route="POST /room/{room}/message",status="201"}')).toBe(1);
    expect(grown('plaza_request_duration_seconds_count{route="GET /room/{room}"}')).toBe(2);
    expect(grown('plaza_database_statements_total')).toBeGreaterThan(0);
    expect(grown('plaza_nonces')).toBe(3);
    expect(grown('plaza_read_model_reads_total{model="rooms"')).toBeGreaterThan(0);
  });

  it('counts what could not be opened or verified, by reason', async () => {
    const before = await Scrape.of(server);
    await http(server.base, { method: 'POST', target: '/oxen/v4/lsrpc', body: Buffer.from('junk') });
    await call(server, newAccount(server), 'GET', '/rooms', { auth: { signature: Buffer.alloc(64) } });
    const after = await Scrape.of(server);
    for (const name of ['plaza_onion_failures_total', 'plaza_auth_failures_total'])
      expect({ name, grown: after.sum(name) - before.sum(name) }).toEqual({ name, grown: 1 });
  });

  it('tells the state of the database pool, the queues and the process', async () => {
    const scrape = await jobsDone(server);
    expect(scrape.sum('plaza_database_pool{state="total"}')).toBeGreaterThan(0);
    expect(scrape.series.has('plaza_jobs{queue="long-jobs",state="waiting"}')).toBe(true);
    expect(scrape.sum('process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(scrape.sum('plaza_read_model_age_seconds')).toBeLessThan(3_600);
  });

  it('says nothing about anybody in a label', async () => {
    const ann = newAccount(server);
    await post(server, ann, 'lobby', 'hello');
    await call(server, ann, 'GET', `/room/lobby/messages/recent/${'x'.repeat(40)}`);
    await call(server, undefined, 'GET', `/inbox/${ann.blindedId}`);
    const { series } = await Scrape.of(server);
    const values = [...series.keys()].flatMap((name) =>
      [...name.matchAll(LABEL_VALUE)].map(([, value]) => value!),
    );
    expect(values.filter((value) => /[0-9a-f]{16}|x{10}/.test(value))).toEqual([]);
  });

  it('answers metrics there and nowhere else', async () => {
    expect((await call(server, undefined, 'GET', '/metrics')).status).toBe(404);
  });
});

describeWithRedis('two processes', () => {
  it('are one source: the primary adds them up', async () => {
    const redis = await ScratchRedis.start();
    const env = { METRICS_PORT: '0', API_PROCESSES: '2', REDIS_URL: redis.url };
    const server = await startPlaza({ dataDir: freshFolder(), env });
    const before = await Scrape.of(server);
    for (let count = 0; count < 40; count++) await call(server, undefined, 'GET', '/room/lobby');
    const after = await Scrape.of(server);
    const counted = 'plaza_requests_total{route="GET /room/{room}",status="200"}';
    expect(after.sum(counted) - before.sum(counted)).toBe(40);
    expect(after.series.get('plaza_redis_up')).toBe(1);
    expect(after.series.has('plaza_nonces')).toBe(false);
    await server.stop();
  });
});

async function jobsDone(server: PlazaProcess): Promise<Scrape> {
  for (const late = Date.now() + PATIENCE_MS; ; await delay(100)) {
    const scrape = await Scrape.of(server);
    const isTold = scrape.series.has('plaza_jobs{queue="long-jobs",state="waiting"}');
    if (isTold && scrape.sum('plaza_jobs_finished_total{queue="housekeeping",outcome="done"}') > 0)
      return scrape;
    if (Date.now() > late) throw new Error('no job was done');
  }
}
