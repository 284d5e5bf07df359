import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { emptyWorkingFolder, spawnKept, type Finished } from './kept-processes.js';
import { environmentOf, PROJECT, type PlazaOptions } from './plaza-process.js';

const WORKER = join(PROJECT, 'dist', 'apps', 'worker', 'src', 'main.js');
const RUNNING = /"healthPort":(\d+).*the worker is running/;
const START_TIMEOUT_MS = 60_000;
/** Beyond this the worker would have given up by itself. */
const STOP_TIMEOUT_MS = 40_000;

/** A worker apart, of the built code. */
export interface WorkerProcess {
  /** Where it answers `/health/live` and `/health/ready`. */
  healthBase: string;
  pid: number;
  stderr(): string;
  /** SIGTERM, as a service manager does. */
  stop(): Promise<Finished>;
  kill9(): Promise<void>;
}

/** Starts one with the settings of a server; rejects, with what it wrote, when it does not run. */
export async function startWorkerProcess(
  options: PlazaOptions & { dataDir: string },
): Promise<WorkerProcess> {
  const env = { ...environmentOf(options), WORKER_HEALTH_PORT: '0' };
  const child = spawnKept(process.execPath, [WORKER], { cwd: emptyWorkingFolder(), env });
  for (const until = Date.now() + START_TIMEOUT_MS; !RUNNING.test(child.stderr()); await delay(20))
    if (child.isGone() || Date.now() > until) throw new Error(`the worker does not run:\n${child.stderr()}`);
  return {
    healthBase: `http://127.0.0.1:${RUNNING.exec(child.stderr())![1]}`,
    pid: child.pid,
    stderr: child.stderr,
    stop: async () => {
      process.kill(child.pid, 'SIGTERM');
      const late = delay(STOP_TIMEOUT_MS, undefined, { ref: false }).then(() => {
        throw new Error(`the worker does not end:\n${child.stderr()}`);
      });
      return Promise.race([child.finished, late]);
    },
    kill9: async () => {
      process.kill(child.pid, 'SIGKILL');
      await child.finished;
    },
  };
}
