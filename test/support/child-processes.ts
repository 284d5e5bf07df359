import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of the direct children of a process, as Linux tells. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

/** Stops (SIGSTOP) the process and all that descend from it, parents first, so that none is born meanwhile. */
export function standStill(root: number): number[] {
  process.kill(root, 'SIGSTOP');
  return [root, ...childrenOf(root).flatMap(standStill)];
}

/** Some of them may have been on their way out. */
export function goOn(stopped: readonly number[]): void {
  for (const pid of stopped)
    try {
      process.kill(pid, 'SIGCONT');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}

/** Undefined for a process that has just gone. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}
