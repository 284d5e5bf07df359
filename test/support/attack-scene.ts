import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { emptyWorkingFolder, spawnKept, type KeptProcess } from './kept-processes.js';
import { environmentOf, PROJECT, type PlazaProcess } from './plaza-process.js';

const LOAD = join(PROJECT, 'test', 'load', 'load.mjs');
const ATTACK = join(PROJECT, 'test', 'abuse', 'attack.mjs');
/** The attacker is at full speed, and what the server lets pass at first is used up. */
const WARM_MS = 1_500;
const TICKS_PER_SECOND = 100;

export type Workload = 'recent' | 'idle';

export interface Load {
  perSecond: number;
  /** How often each status that is no success came. */
  refused: Record<string, number>;
  /** Answers that were not what was asked for. */
  wrong: number;
}

/** Requests of honest clients: signed, all of them new, over 32 connections. */
export async function honestLoad(server: PlazaProcess, workload: Workload, count: number): Promise<Load> {
  const args = ['--base', server.base, '--pubkey', server.publicKey.toString('hex'), '--room', 'lobby'];
  args.push('--workload', workload, '--count', String(count), '--users', '100', '--json');
  const { stdout, stderr } = await runNode(server, LOAD, args).finished;
  if (!stdout.startsWith('{')) throw new Error(`the load generator failed: ${stderr}`);
  return JSON.parse(stdout) as Load;
}

export interface Attack {
  sent: number;
  connections: number;
  statuses: Record<string, number>;
  cpuSeconds: number;
}

/** Junk, sent as fast as this machine can while `work` goes on. */
export async function underAttack<Result>(
  server: PlazaProcess,
  args: readonly string[],
  work: () => Promise<Result>,
): Promise<{ result: Result; attack: Attack }> {
  const attacker = runNode(server, ATTACK, ['--port', String(server.port), '--seconds', '100', ...args]);
  await delay(WARM_MS);
  const result = await work();
  if (!attacker.isGone()) process.kill(attacker.pid, 'SIGTERM');
  const { stdout, stderr } = await attacker.finished;
  if (!stdout.startsWith('{')) throw new Error(`the attacker failed: ${stderr}`);
  return { result, attack: JSON.parse(stdout) as Attack };
}

/** CPU time of a process so far, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function runNode(server: PlazaProcess, script: string, args: readonly string[]): KeptProcess {
  const env = { ...environmentOf(server), CONFORMANCE_MODULES: join(PROJECT, 'package.json') };
  return spawnKept(process.execPath, [script, ...args], { cwd: emptyWorkingFolder(), env });
}
