import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { emptyWorkingFolder, spawnKept, type KeptProcess } from './kept-processes.js';
import { environmentOf, PROJECT, type PlazaProcess } from './plaza-process.js';
import { until } from './until.js';

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

/** What honest clients keep of their throughput. */
const KEPT_MIN = 0.4;
/** Other programs take CPU time whenever they like: two good rounds of several are proof, bad ones are none. */
const GOOD_ROUNDS = 2;
const ROUNDS_MAX = 8;
const REQUESTS = 1_000;

export interface Attacking {
  workload: Workload;
  /** Of attack.mjs. */
  args: readonly string[];
  /** What the attacker may be told. */
  statuses: readonly string[];
  /** An attack that sent less than this in a round was none, and proves nothing. */
  sentMin: number;
}

interface Round {
  kept: number;
  attacked: Load;
  attack: Attack;
}

/** A server, and what honest clients get of it with and without an attacker. */
export class AttackScene {
  /** What was measured last without one, by workload. */
  private readonly quiet: { [workload in Workload]?: Load } = {};

  constructor(private readonly server: PlazaProcess) {}

  /** Throws when honest clients lose too much in too many rounds, or are told what they should not be. */
  async holdsOut({ workload, args, statuses, sentMin }: Attacking): Promise<void> {
    const kept: number[] = [];
    const good = (): number => kept.filter((each) => each >= KEPT_MIN).length;
    while (good() < GOOD_ROUNDS && kept.length - good() <= ROUNDS_MAX - GOOD_ROUNDS) {
      const { attacked, attack, ...seen } = await this.round(workload, args);
      expect(Object.keys(attacked.refused).filter((status) => status !== '503')).toEqual([]);
      expect(attacked.wrong).toBe(0);
      expect(Object.keys(attack.statuses).filter((status) => !statuses.includes(status))).toEqual([]);
      kept.push(attack.sent > sentMin ? seen.kept : NaN);
    }
    expect({ kept, isGood: good() >= GOOD_ROUNDS }).toMatchObject({ isGood: true });
  }

  /** Quiet, attacked, quiet: so that a machine that becomes busier or calmer does not look like an attack, or hide one. */
  private async round(workload: Workload, args: readonly string[]): Promise<Round> {
    const load = (): Promise<Load> => honestLoad(this.server, workload, REQUESTS);
    const before = this.quiet[workload] ?? (await load());
    const { result, attack } = await underAttack(this.server, args, load);
    const after = (this.quiet[workload] = await load());
    expect([before.refused, after.refused]).toEqual([{}, {}]);
    return { kept: result.perSecond / ((before.perSecond + after.perSecond) / 2), attacked: result, attack };
  }
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
  await until(() => attacker.stderr().includes('under way') || attacker.isGone());
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
