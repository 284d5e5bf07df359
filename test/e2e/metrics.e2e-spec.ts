import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { childrenOf } from '../support/child-processes.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { KNOWN_METRICS, type Teller } from '../support/known-metrics.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, newAccount, onionCall, post } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';
import { http, sessionClientReady } from '../support/session-client.js';
import { startWorkerProcess } from '../support/worker-process.js';

jest.setTimeout(300_000);
beforeAll(sessionClientReady);
afterAll(endEverything);

const METRICS_PORT = /"metricsPort":(\d+)/;
/** What is asked of a server takes a moment to be there: jobs begin by themselves. */
const PATIENCE_MS = 60_000;

/** Values by series, as Prometheus reads them. */
class Scrape {
  private constructor(
    readonly series: ReadonlyMap<string, number>,
    /** Of all metrics, also of those that have no value yet. */
    readonly names: readonly string[],
  ) {}

  static async of(server: Pick<PlazaProcess, 'stderr'>): Promise<Scrape> {
    const port = await metricsPort(server);
    const { status, body } = await http(`http://127.0.0.1:${port}`, { method: 'GET', target: '/metrics' });
    expect(status).toBe(200);
    const lines = body.toString().split('\n');
    const values = lines.filter((line) => line !== '' && !line.startsWith('#'));
    return new Scrape(
      new Map(
        values.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))] as const),
      ),
      lines.flatMap((line) => TYPE.exec(line)?.[1] ?? []),
    );
  }

  /** The sum of all series that start so. */
  sum(start: string): number {
    return [...this.series].reduce((sum, [name, value]) => (name.startsWith(start) ? sum + value : sum), 0);
  }
}

/** It is logged after a server says that it runs. */
async function metricsPort(server: Pick<PlazaProcess, 'stderr'>): Promise<string> {
  for (const late = Date.now() + PATIENCE_MS; Date.now() < late; await delay(20)) {
    const [, port] = METRICS_PORT.exec(server.stderr()) ?? [];
    if (port !== undefined) return port;
  }
  throw new Error(`no port for metrics:\n${server.stderr()}`);
}

const TYPE = /^# TYPE (\S+)/;
const LABEL_VALUE = /="([^"]*)"/g;

/** What is to be told at once and is not. */
const missingIn = ({ series }: Scrape, teller: Teller): string[] =>
  Object.entries(KNOWN_METRICS).flatMap(([name, { atOnce }]) =>
    atOnce?.includes(teller) && !series.has(name) ? [name] : [],
  );

describe('a server with METRICS_PORT', () => {
  let server: PlazaProcess;
  beforeAll(async () => {
    server = await startPlaza({ env: { METRICS_PORT: '0' } });
  });
  afterAll(() => server.stop());

  it('tells before anybody came what rules may miss', async () => {
    const scrape = await Scrape.of(server);
    expect(missingIn(scrape, 'api')).toEqual([]);
    expect(scrape.sum('plaza_requests_total')).toBe(0);
  });

  it('has a worker apart that tells of itself', async () => {
    const worker = await startWorkerProcess({ dataDir: server.dataDir, env: { METRICS_PORT: '0' } });
    expect(missingIn(await Scrape.of(worker), 'worker')).toEqual([]);
    const scrape = await scrapeOnce(worker, areUp);
    expect(scrape.sum('plaza_database_pool{state="total"}')).toBeGreaterThan(0);
    expect(scrape.sum('plaza_database_statements_total')).toBeGreaterThan(0);
    await worker.stop();
  });

  it('measures itself and not how slowly a client sends', async () => {
    const before = await Scrape.of(server);
    const upload = request(`${server.base}/room/lobby/message`, { method: 'POST' });
    upload.write('half');
    await delay(5_000);
    const answer = new Promise((resolve) => upload.on('response', resolve));
    upload.end(' and half');
    await answer;
    const after = await Scrape.of(server);
    const grown = (what: string) =>
      [after, before]
        .map((scrape) =>
          scrape.sum(`plaza_request_duration_seconds_${what}{route="POST /room/{room}/message"`),
        )
        .reduce((now, then) => now - then);
    expect(grown('count')).toBe(1);
    expect(grown('sum')).toBeLessThan(4);
  });

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
    expect(after.series.get('plaza_nonces_max')).toBe(20_000_000);
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

  it('tells when the last backup was made', async () => {
    const name = 'plaza_last_backup_timestamp_seconds';
    expect((await Scrape.of(server)).series.has(name)).toBe(false);
    const begun = Date.now() / 1000;
    expect(await server.plaza('backup', freshFolder())).toMatchObject({ code: 0 });
    const made = (await scrapeOnce(server, ({ series }) => series.has(name))).series.get(name)!;
    expect(made).toBeGreaterThan(begun);
    expect(made).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('tells the state of the database pool, the queues and the process', async () => {
    const scrape = await scrapeOnce(server, (each) => areJobsDone(each) && areUp(each) && isLooking(each));
    expect(scrape.sum('plaza_database_pool{state="total"}')).toBeGreaterThan(0);
    expect(scrape.series.has('plaza_jobs{queue="long-jobs",state="waiting"}')).toBe(true);
    expect(scrape.sum('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('has no metric of Plaza that dashboard and alerts do not know', async () => {
    const { names } = await Scrape.of(server);
    const known = Object.keys(KNOWN_METRICS).map((name) => name.replace(/_bucket$/, ''));
    expect(names).toContain('plaza_shed_total');
    expect(names.filter((name) => name.startsWith('plaza_') && !known.includes(name))).toEqual([]);
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
  let postgres: EmbeddedPostgres;
  let server: PlazaProcess;
  beforeAll(async () => {
    postgres = await startOwnPostgres();
    const redis = await ScratchRedis.start({ args: ['--maxmemory', '100mb'] });
    const env = { METRICS_PORT: '0', API_PROCESSES: '2', REDIS_URL: redis.url, DATABASE_URL: postgres.url };
    server = await startPlaza({ dataDir: freshFolder(), env });
  });
  afterAll(async () => {
    await server?.stop();
    await postgres?.stop();
  });

  const ask = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count++) await call(server, undefined, 'GET', '/room/lobby');
  };
  const answered = (scrape: Scrape): number =>
    scrape.sum('plaza_requests_total{route="GET /room/{room}",status="200"}');
  const areNew = async (before: readonly number[], count: number): Promise<void> => {
    for (const late = Date.now() + PATIENCE_MS; Date.now() < late; await delay(50)) {
      const now = childrenOf(server.pid);
      if (now.length === 2 && now.filter((pid) => !before.includes(pid)).length === count) return;
    }
    throw new Error(`the processes are not replaced:\n${server.stderr()}`);
  };

  it('are one source: the primary adds them up', async () => {
    const before = await Scrape.of(server);
    expect(missingIn(before, 'api')).toEqual([]);
    await ask(40);
    const after = await Scrape.of(server);
    expect(answered(after) - answered(before)).toBe(40);
    expect(after.series.get('plaza_redis_up')).toBe(1);
    expect(after.series.get('plaza_redis_memory_used_bytes')).toBeGreaterThan(100_000);
    expect(after.series.get('plaza_redis_memory_max_bytes')).toBe(100 * 2 ** 20);
    expect(after.series.get('plaza_nonces_max')).toBe((50 * 2 ** 20) / 32); // half of it
    const memory = ['plaza_process_memory_bytes_max', 'process_resident_memory_bytes'];
    const [largest, all] = memory.map((name) => after.series.get(name)!) as [number, number];
    expect(largest).toBeLessThan(0.8 * all);
  });

  it('count on where one that is killed was when it was last asked', async () => {
    await ask(20);
    const [before, pids] = [await Scrape.of(server), childrenOf(server.pid)];
    process.kill(pids[0]!, 'SIGKILL');
    await areNew(pids, 1);
    expect(answered(await Scrape.of(server))).toBe(answered(before));
  });

  it('lose no count when they are replaced', async () => {
    const [before, pids] = [await Scrape.of(server), childrenOf(server.pid)];
    await ask(20);
    process.kill(server.pid, 'SIGHUP');
    await areNew(pids, 2);
    expect(answered(await Scrape.of(server)) - answered(before)).toBe(20);
  });

  it('tell that the database is away', async () => {
    await postgres.stop();
    await scrapeOnce(server, ({ series }) => series.get('plaza_database_up') === 0);
    await scrapeOnce(server, ({ series }) => series.get('plaza_worker_up') === 0);
  });
});

const areUp = ({ series }: Scrape): boolean =>
  series.get('plaza_database_up') === 1 && series.get('plaza_worker_up') === 1;

/** Copies are held against the database. */
const isLooking = ({ series }: Scrape): boolean => series.get('plaza_read_model_failing_seconds')! < 1;

const areJobsDone = (scrape: Scrape): boolean =>
  scrape.series.has('plaza_jobs{queue="long-jobs",state="waiting"}') &&
  scrape.sum('plaza_jobs_finished_total{queue="housekeeping",outcome="done"}') > 0;

async function scrapeOnce(
  server: Pick<PlazaProcess, 'stderr'>,
  isSo: (scrape: Scrape) => boolean,
): Promise<Scrape> {
  for (const late = Date.now() + PATIENCE_MS; ; await delay(100)) {
    const scrape = await Scrape.of(server);
    if (isSo(scrape)) return scrape;
    if (Date.now() > late) throw new Error(`it is never told:\n${[...scrape.series.keys()].join('\n')}`);
  }
}
