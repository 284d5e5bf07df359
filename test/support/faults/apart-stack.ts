import { join } from 'node:path';
import type { NetConnectOpts } from 'node:net';
import type { EmbeddedPostgres } from '../../../libs/storage/embedded-postgres.js';
import { freePort } from '../free-port.js';
import { atTheEnd, freshFolder } from '../kept-processes.js';
import { startOwnPostgres } from '../own-postgres.js';
import { startPlaza, type PlazaProcess } from '../plaza-process.js';
import { ScratchRedis } from '../scratch-redis.js';
import { startWorkerProcess, type WorkerProcess } from '../worker-process.js';
import type { FaultStack } from './embedded-stack.js';
import { Load, UNLIMITED } from './load.js';
import { NetworkPipe } from './network-pipe.js';

/** Pieces of network, for those who want to break them. */
export interface Pipes {
  clients: NetworkPipe;
  database: NetworkPipe;
  redis: NetworkPipe;
}

/** PostgreSQL, Redis, a server and a worker, each a program of its own, as several machines would have it. */
export class ApartStack implements FaultStack {
  load!: Load;
  pipes: Pipes | undefined;

  private constructor(
    readonly postgres: EmbeddedPostgres,
    readonly redis: ScratchRedis,
    private readonly env: Record<string, string>,
    public server: PlazaProcess,
    public worker: WorkerProcess,
  ) {}

  static async start(name: string, { withPipes = false } = {}): Promise<ApartStack> {
    const postgres = await startOwnPostgres();
    const redis = await ScratchRedis.start({ args: ['--appendonly', 'yes'], folder: freshFolder() });
    const ways = withPipes ? await pipesTo(postgres, redis) : undefined;
    const env = {
      PORT: String(await freePort()),
      ...UNLIMITED,
      RUN_WORKER: 'false',
      DATABASE_URL: ways?.databaseUrl ?? postgres.url,
      REDIS_URL: ways?.redisUrl ?? redis.url,
    };
    const server = await startPlaza({ env });
    const worker = await startWorkerProcess({ dataDir: server.dataDir, env });
    const stack = new ApartStack(postgres, redis, env, server, worker);
    const clients = ways && (await keptPipe({ host: '127.0.0.1', port: server.port }));
    if (ways && clients) stack.pipes = { clients, database: ways.database, redis: ways.redis };
    const base = clients ? `http://127.0.0.1:${clients.port}` : server.base;
    stack.load = await Load.start(server, name, { base, publicKey: server.publicKey });
    return stack;
  }

  get filesFolder(): string {
    return join(this.server.dataDir, 'files');
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  forgetSweep(): Promise<unknown> {
    return this.redis.ask(async (ask) => {
      const keys = await ask.keys('plaza:*:file-sweep:*');
      if (keys.length === 0) throw new Error('the sweep is not planned');
      return ask.del(keys);
    });
  }

  /** Whoever looks after it starts it again at once. Answers when that was, as all of these. */
  async killServer(): Promise<number> {
    await this.server.kill9();
    const over = performance.now();
    this.server = await startPlaza({ dataDir: this.server.dataDir, env: this.env });
    return over;
  }

  async killWorker(): Promise<number> {
    await this.worker.kill9();
    const over = performance.now();
    this.worker = await startWorkerProcess({ dataDir: this.server.dataDir, env: this.env });
    return over;
  }

  /** It is back when it lets clients in again. */
  async killPostgres(): Promise<number> {
    process.kill((await this.postgres.pid())!, 'SIGKILL');
    await this.postgres.restart();
    return performance.now();
  }

  async killRedis(): Promise<number> {
    await this.redis.stop();
    await this.redis.restart();
    return performance.now();
  }

  async stop(): Promise<void> {
    await this.load?.pause();
    await this.worker.stop();
    await this.server.stop();
    for (const pipe of Object.values(this.pipes ?? {})) pipe.stop();
    await this.redis.stop();
    await this.postgres.stop();
  }
}

async function keptPipe(to: NetConnectOpts): Promise<NetworkPipe> {
  const pipe = await NetworkPipe.start(to);
  atTheEnd(() => pipe.stop());
  return pipe;
}

async function pipesTo(postgres: EmbeddedPostgres, redis: ScratchRedis) {
  const url = new URL(postgres.url);
  const folder = url.searchParams.get('host')!;
  const database = await keptPipe({ path: join(folder, `.s.PGSQL.${url.port}`) });
  const redisPipe = await keptPipe({ host: '127.0.0.1', port: Number(new URL(redis.url).port) });
  return {
    database,
    redis: redisPipe,
    databaseUrl: `postgresql://${url.username}:${url.password}@127.0.0.1:${database.port}${url.pathname}`,
    redisUrl: `redis://127.0.0.1:${redisPipe.port}`,
  };
}
