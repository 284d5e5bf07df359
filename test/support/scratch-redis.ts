import { existsSync, mkdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freshFolder, spawnKept, type KeptProcess } from './kept-processes.js';

const START_TIMEOUT_MS = 10_000;

const { PATH = '' } = process.env;
/** Debian's. */
const hasRedis = PATH.split(delimiter).some((folder) => existsSync(join(folder, 'redis-server')));

/** A Redis of one's own, that forgets everything when it stops. Specs that start one call `afterAll(endEverything)`. */
export class ScratchRedis {
  private readonly folder = freshFolder();
  private server: KeptProcess | undefined;

  private constructor(private readonly port: number) {
    mkdirSync(this.folder);
  }

  static async start(): Promise<ScratchRedis> {
    const redis = new ScratchRedis(await freePort());
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** On the same port. */
  async restart(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.server = spawnKept('redis-server', args, { cwd: this.folder, env: { PATH } });
    for (const until = Date.now() + START_TIMEOUT_MS; Date.now() < until; await delay(20))
      if (await answers(this.port)) return;
    throw new Error('redis-server does not start');
  }

  /** Forgets everything. */
  async flush(): Promise<void> {
    const socket = connect(this.port, '127.0.0.1');
    socket.end('FLUSHALL\r\nQUIT\r\n');
    await new Promise((resolve) => socket.once('close', resolve).resume());
  }

  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    process.kill(server.pid, 'SIGKILL');
    await server.finished;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/**
 * The same suite over both back ends of the job queue; the second one with a Redis. Where there is no redis-server,
 * that half says so and is left out.
 */
export function describeBothBackends(tests: (redis: () => ScratchRedis | undefined) => void): void {
  describe('with jobs in PostgreSQL', () => tests(() => undefined));
  describe('with jobs in Redis', () => {
    if (!hasRedis) {
      it('is not tried', () =>
        console.log(
          'Not tried: there is no redis-server (apt-get install --no-install-recommends redis-server)',
        ));
      return;
    }
    let redis: ScratchRedis;
    beforeAll(async () => {
      redis = await ScratchRedis.start();
    });
    afterAll(() => redis.kill());
    tests(() => redis);
  });
}
