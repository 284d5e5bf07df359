import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { readFileSync, rmSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

const HEARTBEAT_MS = 10_000;
/** A lock from another host (a container that shares the folder) is believed this long after its last heartbeat. */
const FOREIGN_LOCK_MS = 60_000;
const LOCK = 'plaza.lock';
const RUN = 'run.json';

/** Somebody else has the data folder. */
export class DataFolderInUseError extends Error {
  override name = 'DataFolderInUseError';
  constructor(
    readonly folder: string,
    readonly holder: LockHolder,
  ) {
    super(
      `The data folder ${folder} is in use by another Plaza (process ${holder.pid} on ${holder.host}). Stop that one first, or give this one its own DATA_DIR.`,
    );
  }
}

interface LockHolder {
  pid: number;
  /** When that process started, in the kernel's own units: a recycled process id is not taken for the holder. */
  started: string;
  host: string;
}

/** How to reach the embedded database of a running server; what DATA_DIR/run.json holds. */
export interface RunningServer {
  pid: number;
  databaseUrl: string;
}

/** Creates the folder if needed. As root others may pass through (PostgreSQL's account has to), but not look around. */
export async function makeDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: userInfo().uid === 0 ? 0o711 : 0o700 });
}

/**
 * Sole use of a data folder, until {@link DataFolderLock.release} or the death of this process.
 * It is a file with the holder's process id; one whose holder is gone is taken over.
 */
export class DataFolderLock {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(private readonly path: string) {
    this.heartbeat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => undefined);
    }, HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /** Throws {@link DataFolderInUseError}. */
  static async acquire(folder: string): Promise<DataFolderLock> {
    const path = join(folder, LOCK);
    const own = `${path}.${process.pid}`;
    const self: LockHolder = { pid: process.pid, started: startTimeOf(process.pid) ?? '', host: hostname() };
    await writeFile(own, JSON.stringify(self), { mode: 0o644 });
    try {
      for (;;) {
        // link() fails when the lock exists, and what it makes is whole from the first moment.
        if (await succeeds(link(own, path))) return new DataFolderLock(path);
        const holder = await readLock(path);
        if (holder && (await isHeld(path, holder))) throw new DataFolderInUseError(folder, holder);
        await removeStale(path, holder);
      }
    } finally {
      await rm(own, { force: true });
    }
  }

  /** Synchronous, so that it also works in the last moments of a process. */
  release(): void {
    clearInterval(this.heartbeat);
    rmSync(this.path, { force: true });
  }
}

async function isHeld(path: string, holder: LockHolder): Promise<boolean> {
  if (holder.host === hostname()) return startTimeOf(holder.pid) === holder.started;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < FOREIGN_LOCK_MS;
}

/**
 * Takes a dead holder's lock away. Two processes may try at once: the rename gives the file to one of them, and
 * if that turns out to be a new holder's lock, it is put back.
 */
async function removeStale(path: string, stale: LockHolder | undefined): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  if (!(await succeeds(rename(path, aside)))) return;
  const moved = await readLock(aside);
  if (moved && (moved.pid !== stale?.pid || moved.started !== stale.started))
    await succeeds(link(aside, path));
  await rm(aside, { force: true });
}

async function readLock(path: string): Promise<LockHolder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; elsewhere than on Linux just "alive". Undefined for a process that does not exist. */
function startTimeOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'alive' : undefined;
  }
}

const succeeds = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  );

/** Tells commands how to reach the running server's database. Readable by the owner alone: it holds the password. */
export async function writeRunFile(folder: string, server: RunningServer): Promise<void> {
  const path = join(folder, RUN);
  await writeFile(`${path}.new`, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Undefined when no server runs on this folder (or none that we may reach). */
export async function readRunFile(folder: string): Promise<RunningServer | undefined> {
  try {
    const server = JSON.parse(await readFile(join(folder, RUN), 'utf8')) as RunningServer;
    return startTimeOf(server.pid) === undefined ? undefined : server;
  } catch {
    return undefined;
  }
}

export function removeRunFile(folder: string): void {
  rmSync(join(folder, RUN), { force: true });
}
