import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running PostgreSQL says about itself in its data folder; a killed one leaves it behind. */
interface PostmasterFile {
  pid: number;
  folder: string;
}

const pathOf = (cluster: string): string => join(cluster, 'postmaster.pid');

/**
 * Process id of the PostgreSQL that runs on `cluster`, or undefined. After a crash that number may belong to some
 * other process by now, which must not be stopped, or to a zombie that nobody reaps (a container without an init).
 */
export async function runningPostmaster(cluster: string): Promise<number | undefined> {
  const file = await read(cluster);
  return file && (await isPostmaster(file, cluster)) ? file.pid : undefined;
}

/**
 * PostgreSQL itself takes any process of its account under the old number for a running server, and refuses to
 * start. Call it when {@link runningPostmaster} found none. Left-over children of a killed server are still noticed,
 * by their shared memory.
 */
export async function dropStalePostmasterFile(cluster: string): Promise<void> {
  const file = await read(cluster);
  if (file && isAlive(file.pid) && !(await isPostmaster(file, cluster)))
    await rm(pathOf(cluster), { force: true });
}

async function read(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(pathOf(cluster), 'utf8').catch(() => '');
  const [first = '', folder = ''] = text.split('\n');
  const pid = Number.parseInt(first, 10);
  return pid > 0 ? { pid, folder } : undefined;
}

/** By its command line, which names its data folder; where there is no /proc, any living process will do. */
async function isPostmaster({ pid, folder }: PostmasterFile, cluster: string): Promise<boolean> {
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
