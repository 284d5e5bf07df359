import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { childrenOf } from '../child-processes.js';
import { freshFolder } from '../kept-processes.js';
import { postmasterPid, startPlaza, type PlazaProcess } from '../plaza-process.js';
import { connect } from '../scratch-database.js';
import { Load, UNLIMITED } from './load.js';
import { Moments } from './fault-run.js';

/** What every constellation of programs can do. */
export interface FaultStack {
  load: Load;
  server: PlazaProcess;
  filesFolder: string;
  /** Past everything that is tested. */
  databaseUrl: string;
  /** So that the worker looks for lost bytes soon. */
  forgetSweep(): Promise<unknown>;
  stop(): Promise<void>;
}

/** One process with its own PostgreSQL and the worker inside, as `npm start` makes it. */
export class EmbeddedStack implements FaultStack {
  load!: Load;

  private constructor(
    readonly name: string,
    private readonly env: Record<string, string>,
    public server: PlazaProcess,
  ) {}

  static async start(
    name: string,
    options: { env?: Record<string, string>; dataDir?: string } = {},
  ): Promise<EmbeddedStack> {
    const env = { PORT: String(await freePort()), ...UNLIMITED, ...options.env };
    const dataDir = options.dataDir ?? freshFolder();
    const stack = new EmbeddedStack(name, env, await startPlaza({ dataDir, env }));
    stack.load = await Load.start(stack.server, name);
    return stack;
  }

  get filesFolder(): string {
    return join(this.server.dataDir, 'files');
  }

  get databaseUrl(): string {
    const text = readFileSync(join(this.server.dataDir, 'run.json'), 'utf8');
    return (JSON.parse(text) as { databaseUrl: string }).databaseUrl;
  }

  async forgetSweep(): Promise<void> {
    const database = await connect(this.databaseUrl);
    for (const table of ['scheduler', 'job'])
      await database.query(`DELETE FROM bullmq.${table} WHERE queue = 'file-sweep'`);
    await database.end();
  }

  /** The server alone; whoever looks after it starts it again at once. Answers when that was. */
  async killServer(): Promise<number> {
    await this.server.kill9();
    const over = performance.now();
    this.server = await startPlaza({ dataDir: this.server.dataDir, env: this.env });
    return over;
  }

  /** The server looks after it itself. */
  async killPostmaster(): Promise<number> {
    process.kill(await postmasterPid(this.server.dataDir), 'SIGKILL');
    return performance.now();
  }

  /** One of PostgreSQL's processes, after which it ends all others and recovers. */
  async killBackend(moments: Moments): Promise<number> {
    const postmaster = await postmasterPid(this.server.dataDir);
    while (!killed(moments.oneOf(childrenOf(postmaster))));
    return performance.now();
  }

  async stop(): Promise<void> {
    await this.load.pause();
    await this.server.stop();
  }
}

/** False when it has ended by itself. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
