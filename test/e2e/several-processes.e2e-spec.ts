import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { childrenOf } from '../support/child-processes.js';
import { endEverything, freshFolder } from '../support/kept-processes.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { call, messageBody, newAccount, post, signed } from '../support/plaza-calls.js';
import {
  isAlive,
  PROJECT,
  refusedStart,
  runProgram,
  startPlaza,
  type PlazaProcess,
} from '../support/plaza-process.js';
import { describeWithRedis, ScratchRedis } from '../support/scratch-redis.js';
import { http, sessionClientReady } from '../support/session-client.js';
import { until } from '../support/until.js';

jest.setTimeout(600_000);

beforeAll(sessionClientReady);
afterAll(endEverything);

/** Who lets a connection rest for longer may find it closed. */
const RESTED_MS = 1_000;
const POLL_MS = 50;
const CLIENT_PAUSE_MS = 2;

/** A client that keeps its connection, as proxies do, and says how each request ended. */
class SteadyClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private isDone = false;
  readonly failures: string[] = [];
  answered = 0;
  private readonly running: Promise<void>;

  constructor(
    private readonly server: PlazaProcess,
    private readonly path: string,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.isDone = true;
    await this.running;
    this.agent.destroy();
  }

  private async run(): Promise<void> {
    for (let heardAt = performance.now(); !this.isDone;) {
      const rested = performance.now() - heardAt;
      const outcome = await this.ask().catch((error: Error) => error.message);
      if (outcome === '200') this.answered++;
      else if (rested < RESTED_MS) this.failures.push(outcome);
      heardAt = performance.now();
      await delay(this.failures.length > 0 ? POLL_MS : CLIENT_PAUSE_MS);
    }
  }

  private ask(): Promise<string> {
    const { port } = this.server;
    return new Promise((resolve, reject) => {
      const asked = httpRequest({ host: '127.0.0.1', port, path: this.path, agent: this.agent }, (answer) => {
        answer.resume().on('end', () => resolve(String(answer.statusCode)));
        answer.on('error', reject);
      });
      asked.on('error', reject).end();
    });
  }
}

describe('several processes without Redis', () => {
  it('are refused with the reason', async () => {
    const { code, stderr } = await refusedStart({ env: { API_PROCESSES: '2' } });
    expect(code).toBe(1);
    expect(stderr).toContain('API_PROCESSES asks for 2 processes, which need REDIS_URL');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describeWithRedis('several processes behind one port', () => {
  let redis: ScratchRedis;
  let server: PlazaProcess;
  const settings = (): Record<string, string> => ({ API_PROCESSES: '2', REDIS_URL: redis.url });
  const members = (): number[] => childrenOf(server.pid);

  beforeAll(async () => {
    redis = await ScratchRedis.start({ args: ['--appendonly', 'yes'] });
    server = await startPlaza({ env: settings() });
  });
  afterAll(async () => {
    await server?.stop();
    await redis?.stop();
  });

  it('are two, and one database', async () => {
    expect(members()).toHaveLength(2);
    const { status, json } = await call(server, undefined, 'GET', '/health/ready');
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        status: 'ready',
        checks: {
          database: 'ok',
          migrations: 'ok',
          redis: 'ok',
          processes: 'ok',
          worker: expect.any(String) as string,
        },
      },
    });
  });

  it('greet once, with the first room made once', async () => {
    expect(server.stdout().match(/Plaza is running/g)).toHaveLength(1);
    const { json } = await call(server, undefined, 'GET', '/rooms');
    expect(json.map(({ token }: { token: string }) => token)).toEqual(['lobby']);
  });

  it('let no request pass twice, whichever of them it reaches', async () => {
    for (let round = 0; round < 20; round++) {
      const account = newAccount(server);
      const target = '/room/lobby/message';
      const { headers, body } = signed(account, 'POST', target, { json: messageBody(account, `${round}`) });
      const copies = Array.from({ length: 6 }, () =>
        http(server.base, { method: 'POST', target, body }, headers),
      );
      const statuses = (await Promise.all(copies)).map(({ status }) => status).sort();
      expect(statuses).toEqual([201, 425, 425, 425, 425, 425]);
    }
  });

  it('count the posts of all of them', async () => {
    const account = newAccount(server);
    const posts = Array.from({ length: 12 }, (_, at) => post(server, account, 'lobby', `${at}`));
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  const runScenarios = (transport: string) =>
    runProgram(
      process.execPath,
      [
        join(PROJECT, 'test', 'conformance', 'run.mjs'),
        '--base',
        server.base,
        '--operator',
        join(PROJECT, 'bin', 'plaza'),
        '--transport',
        transport,
      ],
      {
        dataDir: server.dataDir,
        env: { CONFORMANCE_MODULES: join(PROJECT, 'package.json') },
        timeoutMs: 250_000,
      },
    );

  it.each(['direct', 'v4'])('pass the conformance scenarios over %s', async (transport) => {
    const { code, stdout } = await runScenarios(transport);
    expect(stdout).toMatch(/^[1-9]\d* passed, 0 failed$/m);
    expect(code).toBe(0);
  });

  it('are replaced one by one on SIGHUP, and no request is lost meanwhile', async () => {
    const before = members();
    const clients = Array.from({ length: 8 }, () => new SteadyClient(server, '/room/lobby'));
    try {
      await delay(300);
      process.kill(server.pid, 'SIGHUP');
      await until(() => {
        const now = members();
        return now.length === 2 && now.every((pid) => !before.includes(pid));
      });
      await delay(300);
    } finally {
      await Promise.all(clients.map((client) => client.stop()));
    }
    expect(clients.flatMap(({ failures }) => failures)).toEqual([]);
    for (const { answered } of clients) expect(answered).toBeGreaterThan(10);
  });

  it('do without one that is killed, and get another', async () => {
    const [victim] = members();
    process.kill(victim!, 'SIGKILL');
    const statuses = new Set<number>();
    for (const late = Date.now() + 1_000; Date.now() < late;)
      statuses.add((await call(server, undefined, 'GET', '/room/lobby')).status);
    expect([...statuses]).toEqual([200]);
    await until(async () => {
      const { json } = await call(server, undefined, 'GET', '/health/ready');
      return json.checks.processes === 'ok' && members().length === 2 && !members().includes(victim!);
    });
    expect(server.stderr()).toContain('a process ended by itself; another one takes over');
  });

  it('end together, and their database with them', async () => {
    const other = await startPlaza({ env: settings() });
    const pids = childrenOf(other.pid);
    expect((await other.stop()).code).toBe(0);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  });

  it('end together by Ctrl-C, which reaches all of them', async () => {
    const other = await startPlaza({ env: settings() });
    const pids = childrenOf(other.pid);
    const { code, stderr } = await other.interrupt();
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/\n\s+at /);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  });

  it('are none when the first cannot start, and the reason is said once', async () => {
    const { code, stderr } = await refusedStart({
      env: { API_PROCESSES: '3', REDIS_URL: 'redis://127.0.0.1:1' },
    });
    expect(code).toBe(1);
    expect(stderr.match(/The Redis of REDIS_URL cannot be used: .*ECONNREFUSED/g)).toHaveLength(1);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('are not replaced when a new one does not start, and go on', async () => {
    const ownRedis = await ScratchRedis.start();
    const other = await startPlaza({ env: { ...settings(), REDIS_URL: ownRedis.url } });
    const before = childrenOf(other.pid);
    await ownRedis.stop();
    process.kill(other.pid, 'SIGHUP');
    await until(() => other.stderr().includes('a new process did not start'));
    await until(() => String(childrenOf(other.pid)) === String(before));
    expect((await call(other, undefined, 'GET', '/room/lobby')).status).toBe(200);
    expect((await other.stop()).code).toBe(0);
  });

  it('do not outlive the one that leads them', async () => {
    const other = await startPlaza({ env: settings() });
    const pids = childrenOf(other.pid);
    await other.kill9();
    await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true));
    const again = await startPlaza({ dataDir: other.dataDir, env: settings() });
    expect((await again.stop()).code).toBe(0);
  });
});

describeWithRedis('servers on one database and one Redis', () => {
  let redis: ScratchRedis;
  let postgres: EmbeddedPostgres;
  let here: PlazaProcess;
  let there: PlazaProcess;
  /** With Redis, all of them; the key file is on a volume that they share. */
  let env: Record<string, string>;
  beforeAll(async () => {
    redis = await ScratchRedis.start();
    postgres = await startOwnPostgres();
    env = { REDIS_URL: redis.url, DATABASE_URL: postgres.url, KEY_FILE: join(freshFolder(), 'key') };
    [here, there] = await Promise.all([startPlaza({ env }), startPlaza({ env })]);
  });
  afterAll(async () => {
    await there?.stop();
    await here?.stop();
    await redis?.stop();
    await postgres?.stop();
  });

  it('may start for the first time at one moment: one key, one first room', async () => {
    expect(there.publicKey).toEqual(here.publicKey);
    const { json } = await call(there, undefined, 'GET', '/rooms');
    expect(json.map(({ token }: { token: string }) => token)).toEqual(['lobby']);
  });

  it('refuse at one what was used at the other', async () => {
    const account = newAccount(here);
    const target = '/capabilities';
    const { headers } = signed(account, 'GET', target);
    expect((await http(here.base, { method: 'GET', target }, headers)).status).toBe(200);
    const again = await http(there.base, { method: 'GET', target }, headers);
    expect({ status: again.status, text: again.body.toString() }).toEqual({
      status: 425,
      text: 'Invalid authentication: X-SOGS-Nonce cannot be reused',
    });
  });

  it('count posts together', async () => {
    const account = newAccount(here);
    const statuses: number[] = [];
    for (let at = 0; at < 7; at++)
      statuses.push((await post(at % 2 ? here : there, account, 'lobby', `${at}`)).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429]);
  });

  it('keep one out that has no Redis', async () => {
    const { DATABASE_URL = '', KEY_FILE = '' } = env;
    const { code, stderr } = await refusedStart({ env: { DATABASE_URL, KEY_FILE } });
    expect(code).toBe(1);
    expect(stderr).toContain('Another Plaza server is working on this database');
  });

  it('answer 503 to what needs Redis while it is away, say so, and recover by themselves', async () => {
    const account = newAccount(here);
    await redis.stop();
    await until(async () => (await call(here, undefined, 'GET', '/health/ready')).status === 503);
    const { json } = await call(here, undefined, 'GET', '/health/ready');
    expect(json).toEqual({
      status: 'not ready',
      checks: {
        database: 'ok',
        migrations: 'ok',
        redis: 'not reachable',
        worker: expect.any(String) as string,
      },
    });
    for (let round = 0; round < 20; round++) {
      const { status, headers } = await call(here, account, 'GET', '/capabilities');
      expect({ status, retry: Number(headers['retry-after']) > 0 }).toEqual({ status: 503, retry: true });
    }
    expect((await call(here, undefined, 'GET', '/room/lobby')).status).toBe(200); // anonymous: no nonce
    expect((await call(here, undefined, 'GET', '/health/live')).status).toBe(200);
    await redis.restart();
    await until(async () => (await call(here, account, 'GET', '/capabilities')).status === 200);
    await until(async () => (await call(here, undefined, 'GET', '/health/ready')).status === 200);
  });
});
