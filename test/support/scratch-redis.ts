import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { freshFolder, spawnKept, type KeptProcess } from './kept-processes.js';
import { describeUnless } from './not-tried.js';

const PROGRAMS = ['redis-server', 'valkey-server'];
const READY_TIMEOUT_MS = 25_000;
const READY_POLL_MS = 20;

/** A Redis of the machine's own, as an operator would bring it; undefined where none is installed. */
export const redisProgram = PROGRAMS.flatMap((name) =>
  (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
).find(isProgram);

/** A suite that needs a Redis. Where there is none it is skipped. */
export const describeWithRedis = (name: string, suite: () => void): void =>
  describeUnless(redisProgram ? undefined : `no ${PROGRAMS.join(' or ')} is installed`, name, suite);

export interface ScratchRedisOptions {
  /** Arguments beside those for a private, forgetful server. */
  args?: readonly string[];
  password?: string;
  /** It goes on after a restart with what it has written to this folder; without one it begins anew. */
  folder?: string;
}

/** A Redis of one's own on a free port. Specs that start one call `afterAll(endEverything)`. */
export class ScratchRedis {
  private constructor(
    private readonly port: number,
    private readonly options: ScratchRedisOptions,
    private child: KeptProcess,
  ) {}

  static async start(options: ScratchRedisOptions = {}): Promise<ScratchRedis> {
    const port = await freePort();
    const redis = new ScratchRedis(port, options, launch(port, options));
    await redis.untilReady();
    return redis;
  }

  get url(): string {
    const { password } = this.options;
    return `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child.pid;
  }

  /** From now on connections are refused, and what it knew is gone, unless it has a folder. */
  async stop(): Promise<void> {
    if (this.child.isGone()) return;
    process.kill(this.child.pid, 'SIGKILL');
    await this.child.finished;
  }

  /** The same address again, empty or with what its folder holds. */
  async restart(): Promise<void> {
    this.child = launch(this.port, this.options);
    await this.untilReady();
  }

  /** Connections stay and can be made, but nothing is answered: a machine that vanished looks like that. */
  freeze(): void {
    process.kill(this.child.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.child.pid, 'SIGCONT');
  }

  /** Past all our code. */
  async ask<Answer>(ask: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await ask(redis);
    } finally {
      if (redis.status !== 'end') redis.disconnect();
    }
  }

  /** How many requests clients made of this kind since `CONFIG RESETSTAT`; what scripts do inside is not one. */
  async requests(command: string): Promise<number> {
    const stats = await this.ask((redis) => redis.info('commandstats'));
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }

  private async untilReady(): Promise<void> {
    for (const until = Date.now() + READY_TIMEOUT_MS; ;) {
      try {
        await this.ask((redis) => redis.ping());
        return;
      } catch (error) {
        if (Date.now() > until || this.child.isGone()) throw error;
        await delay(READY_POLL_MS);
      }
    }
  }
}

function launch(port: number, options: ScratchRedisOptions): KeptProcess {
  if (redisProgram === undefined) throw new Error('no Redis is installed: use describeWithRedis');
  const { args = [], password, folder = freshFolder() } = options;
  mkdirSync(folder, { recursive: true });
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  if (password !== undefined) settings.push('--requirepass', password);
  return spawnKept(redisProgram, [...settings, ...args], { cwd: folder, env: {} });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
