import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of temporary files, and the processes that work in it, which do not outlive the tests: neither when one
 * fails, nor when Jest itself is killed. A shell beside us waits until its standard input ends, which happens in
 * any case, and then does what {@link KEEPER} says.
 */

export interface Finished {
  /** Null after a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A child process with what it wrote so far. */
export interface KeptProcess {
  pid: number;
  stdout(): string;
  stderr(): string;
  /** Types a line. */
  type(text: string): void;
  isGone(): boolean;
  /** Resolves, never rejects, when it is gone and everything it wrote is there. */
  finished: Promise<Finished>;
}

export interface SpawnOptions {
  cwd: string;
  env: Record<string, string>;
  /** For root: the account it is to run as. */
  uid?: number;
  gid?: number;
}

interface Keeper {
  folder: string;
  shell: ChildProcess;
  /** Leaders of process groups that are still alive. */
  pids: Set<number>;
  folders: number;
}

/** Ends the processes, then databases that a killed server left behind, then removes the folder, mounts in it first. */
const KEEPER = `
cat >/dev/null
for pid in $(cat "$0/processes"); do kill -KILL "-$pid"; done
for file in "$0"/*/postgres/postmaster.pid; do
  [ -f "$file" ] || continue
  pid=$(head -n 1 "$file")
  kill -QUIT "$pid"
  turns=0
  while [ -f "$file" ] && kill -0 "$pid" && [ "$turns" -lt 100 ]; do sleep 0.1; turns=$((turns + 1)); done
done
grep -F " $0/" /proc/mounts | cut -d ' ' -f 2 | while read -r mount; do umount -l "$mount"; done
rm -rf "$0" || { sleep 1; rm -rf "$0"; }
`;

let keeper: Keeper | undefined;

function currentKeeper(): Keeper {
  if (keeper) return keeper;
  const folder = mkdtempSync(join(tmpdir(), 'plaza-e2e-'));
  chmodSync(folder, 0o711); // As root, PostgreSQL's account has to get through.
  const pids = new Set<number>();
  writePids(folder, pids);
  // "ignore" for its output, so that nobody waits for it; a group of its own, so that Ctrl-C does not reach it.
  const shell = spawn('/bin/sh', ['-c', KEEPER, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Jest may end when all tests have, whatever a failed one left behind: that is the keeper's moment.
  shell.unref();
  (shell.stdin as Socket).unref();
  keeper = { folder, shell, pids, folders: 0 };
  return keeper;
}

const writePids = (folder: string, pids: ReadonlySet<number>): void =>
  writeFileSync(join(folder, 'processes'), [...pids].join('\n'));

/** A path in the temporary folder that nobody else gets; nothing is there yet. */
export function freshFolder(): string {
  const at = currentKeeper();
  return join(at.folder, String(++at.folders));
}

/** The temporary folder itself: a working directory without a `.env`. */
export const emptyWorkingFolder = (): string => currentKeeper().folder;

/** Starts a program as the leader of a process group, as a terminal does. */
export function spawnKept(file: string, args: readonly string[], options: SpawnOptions): KeptProcess {
  const { folder, pids } = currentKeeper();
  const child = spawn(file, args, { ...options, detached: true, stdio: 'pipe' });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} cannot be started`);
  writePids(folder, pids.add(pid));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  let isGone = false;
  const finished = new Promise<Finished>((resolve) =>
    child.on('close', (code) => {
      isGone = true;
      pids.delete(pid);
      if (keeper?.folder === folder) writePids(folder, pids);
      resolve({ code, ...output });
    }),
  );
  child.stdin.on('error', () => undefined); // it may have ended before it read
  return {
    pid,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    type: (text) => void child.stdin.write(`${text}\n`),
    isGone: () => isGone,
    finished,
  };
}

const lastThings: (() => unknown)[] = [];

/** For what is no process and would keep Jest from ending after a test that failed. May have been done by then. */
export const atTheEnd = (work: () => unknown): void => void lastThings.push(work);

/** For `afterAll`: ends everything that was started and removes what it left on disk. */
export async function endEverything(): Promise<void> {
  for (const work of lastThings.splice(0).reverse()) await work();
  if (!keeper) return;
  const { shell } = keeper;
  keeper = undefined;
  const gone = new Promise((resolve) => shell.on('close', resolve));
  shell.stdin?.end();
  await gone;
}
