import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  emptyWorkingFolder,
  freshFolder,
  spawnKept,
  type Finished,
  type KeptProcess,
} from './kept-processes.js';

export const PROJECT = join(__dirname, '..', '..');
const SERVER = join(PROJECT, 'dist', 'apps', 'api', 'src', 'main.js');
const COMMAND = join(PROJECT, 'bin', 'plaza');
/** Says the port and the public key in hex. */
export const READY = /Plaza is running on port (\d+)[^]*public_key=([0-9a-f]{64})/;
const READY_TIMEOUT_MS = 60_000;
/** Beyond this the server would have given up by itself. */
const STOP_TIMEOUT_MS = 45_000;

export interface PlazaOptions {
  /** A fresh one if left out. */
  dataDir?: string;
  /** Settings beside DATA_DIR, PORT (any free one) and HOST (127.0.0.1). */
  env?: Record<string, string>;
}

/** A server of the built code, in a process of its own. Specs that start one call `afterAll(endEverything)`. */
export interface PlazaProcess {
  /** `http://127.0.0.1:PORT` */
  base: string;
  port: number;
  publicKey: Buffer;
  dataDir: string;
  pid: number;
  stdout(): string;
  stderr(): string;
  /** `bin/plaza` with the server's settings. */
  plaza(...args: string[]): Promise<Finished>;
  /** SIGTERM, as a service manager does. */
  stop(): Promise<Finished>;
  /** Ctrl-C: SIGINT for the whole process group. */
  interrupt(): Promise<Finished>;
  /** Kills the server alone; its database goes on. */
  kill9(): Promise<void>;
}

/** Starts a server and waits until it says that it runs. Rejects, with what it wrote, when it does not. */
export async function startPlaza(options: PlazaOptions = {}): Promise<PlazaProcess> {
  const dataDir = options.dataDir ?? freshFolder();
  const settings = { ...options, dataDir };
  const child = launchPlaza(settings);
  const [, portText, publicKeyHex] = await waitForText(child, READY);
  const end = async (signal: NodeJS.Signals, to: number): Promise<Finished> => {
    if (child.isGone()) throw new Error(`it ended by itself:\n${outputOf(child)}`);
    process.kill(to, signal);
    return within(STOP_TIMEOUT_MS, child.finished, () => `no end after ${signal}:\n${outputOf(child)}`);
  };
  return {
    base: `http://127.0.0.1:${portText}`,
    port: Number(portText),
    publicKey: Buffer.from(publicKeyHex!, 'hex'),
    dataDir,
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    plaza: (...args) => plazaCommand(settings, ...args),
    stop: () => end('SIGTERM', child.pid),
    interrupt: () => end('SIGINT', -child.pid),
    kill9: async () => void (await end('SIGKILL', child.pid)),
  };
}

/** Starts a server and waits for nothing. */
export function launchPlaza(options: PlazaOptions & { dataDir: string }): KeptProcess {
  return spawnKept(process.execPath, [SERVER], { cwd: emptyWorkingFolder(), env: environmentOf(options) });
}

/** A start that must fail, without waiting for what is not there. */
export function refusedStart(options: PlazaOptions = {}): Promise<Finished> {
  const env = { START_WAIT: '0s', ...options.env };
  const child = launchPlaza({ ...options, env, dataDir: options.dataDir ?? freshFolder() });
  return within(READY_TIMEOUT_MS, child.finished, () => `it was not refused:\n${outputOf(child)}`);
}

/** `bin/plaza ARGS` on a data folder, whether a server runs there or not. */
export function plazaCommand(
  options: PlazaOptions & { dataDir: string },
  ...args: string[]
): Promise<Finished> {
  return runProgram(COMMAND, args, options);
}

/** Any program with the settings of a server in its environment. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: PlazaOptions & { dataDir: string; cwd?: string; timeoutMs?: number },
): Promise<Finished> {
  const child = spawnKept(file, args, {
    cwd: options.cwd ?? emptyWorkingFolder(),
    env: environmentOf(options),
  });
  return within(options.timeoutMs ?? READY_TIMEOUT_MS, child.finished, () => `no end:\n${outputOf(child)}`);
}

/** Nothing of ours but the way to programs, so that a developer's own settings stay out. */
export function environmentOf({ dataDir, env }: PlazaOptions & { dataDir: string }): Record<string, string> {
  const { PATH = '', HOME = '/', TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    ...(TMPDIR !== undefined && { TMPDIR }),
    DATA_DIR: dataDir,
    PORT: '0',
    HOST: '127.0.0.1',
    ...env,
  };
}

/** Waits until the standard output matches. */
export async function waitForText(child: KeptProcess, text: RegExp): Promise<RegExpExecArray> {
  const until = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const match = text.exec(child.stdout());
    if (match) return match;
    if (child.isGone() || Date.now() > until) throw new Error(`it does not say ${text}:\n${outputOf(child)}`);
    await delay(20);
  }
}

/** Process id of the embedded database's postmaster. */
export async function postmasterPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
  return Number.parseInt(text, 10);
}

/** False also for a zombie, which only waits for its parent. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return !/\) Z /.test(stat);
}

async function within<Result>(ms: number, promise: Promise<Result>, what: () => string): Promise<Result> {
  const timeout = new AbortController();
  const late = delay(ms, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(what());
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    timeout.abort();
  }
}

const outputOf = (child: KeptProcess): string => `${child.stdout()}\n${child.stderr()}`;
