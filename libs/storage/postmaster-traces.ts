import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** How PostgreSQL marks a data folder or a socket as taken; a killed one leaves it behind. */
interface LockFile {
  pid: number;
  /** The data folder. */
  folder: string;
}

/**
 * Process id of the PostgreSQL that runs on `cluster`, or undefined. After a crash that number may belong to some
 * other process by now, which must not be stopped, or to a zombie that nobody reaps (a container without an init).
 */
export async function runningPostmaster(cluster: string): Promise<number | undefined> {
  const file = await readLockFile(join(cluster, 'postmaster.pid'));
  return file && (await isPostmaster(file, cluster)) ? file.pid : undefined;
}

/**
 * Removes the lock files of a PostgreSQL that is gone: it takes any living process under the old number for a
 * running server and refuses to start. Left-over children of a killed one are still noticed, by their shared memory.
 */
export async function dropStaleLockFiles(cluster: string, socket: string): Promise<void> {
  for (const path of [join(cluster, 'postmaster.pid'), `${socket}.lock`]) {
    const file = await readLockFile(path);
    if (file && isAlive(file.pid) && !(await isPostmaster(file, cluster))) await rm(path, { force: true });
  }
}

/** What a PostgreSQL wrote last; empty if it never got so far. */
export async function lastLogLines(cluster: string, lines: number): Promise<string> {
  const folder = join(cluster, 'log');
  const names = await readdir(folder).catch(() => []);
  const logs = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
  );
  const newest = logs.sort((a, b) => b.time - a.time)[0];
  if (!newest) return '';
  const text = await readFile(join(folder, newest.name), 'utf8');
  return text.trim().split('\n').slice(-lines).join('\n');
}

async function readLockFile(path: string): Promise<LockFile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [first = '', folder = ''] = text.split('\n');
  const pid = Number.parseInt(first, 10);
  return pid > 0 ? { pid, folder } : undefined;
}

/** By its command line, which names its data folder; where there is no /proc, any living process will do. */
async function isPostmaster({ pid, folder }: LockFile, cluster: string): Promise<boolean> {
  if (process.platform !== 'linux') return isAlive(pid);
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes(cluster) || (folder !== '' && commandLine.includes(folder));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
