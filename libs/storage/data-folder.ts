import { link, mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { readFileSync, rmSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../protocol/operator-error.js';

const HEARTBEAT_MS = 10_000;
/** A lock from another host (a container that shares the folder) is believed this long after its last heartbeat. */
const FOREIGN_LOCK_MS = 60_000;
const CONTENDED_RETRY_MS = 5;
export const DATA_FOLDER_LOCK = 'plaza.lock';
const RUN = 'run.json';

/** Somebody else has the data folder. */
export class DataFolderInUseError extends OperatorError {
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

  private constructor(
    private readonly path: string,
    /** What the file says as long as the lock is ours: another host may have taken it over while we were suspended. */
    private readonly text: string,
    heartbeatMs: number,
  ) {
    this.heartbeat = setInterval(() => void this.beat(), heartbeatMs);
    this.heartbeat.unref();
  }

  /** Throws {@link DataFolderInUseError}. */
  static async acquire(folder: string, heartbeatMs = HEARTBEAT_MS): Promise<DataFolderLock> {
    const path = join(folder, DATA_FOLDER_LOCK);
    const draft = await mkdtemp(`${path}.`);
    const own = join(draft, 'holder');
    const self: LockHolder = { pid: process.pid, started: startTimeOf(process.pid) ?? '', host: hostname() };
    try {
      const text = JSON.stringify(self);
      await writeFile(own, text, { mode: 0o644 });
      const holder = await take(path, own);
      if (holder) throw new DataFolderInUseError(folder, holder);
      return new DataFolderLock(path, text, heartbeatMs);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  /** Synchronous, so that it also works in the last moments of a process. */
  release(): void {
    clearInterval(this.heartbeat);
    try {
      if (readFileSync(this.path, 'utf8') === this.text) rmSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  private async beat(): Promise<void> {
    const found = await readLock(this.path).catch(() => undefined);
    const now = new Date();
    if (found?.text === this.text) await utimes(this.path, now, now).catch(() => undefined);
  }
}

/** A lock as it was found. */
interface FoundLock {
  text: string;
  /** Undefined when it cannot be read: a power cut left an empty file. */
  holder: LockHolder | undefined;
}

/** Makes the file `own` the lock at `path`. Undefined, or who holds the lock already. */
async function take(path: string, own: string): Promise<LockHolder | undefined> {
  for (;;) {
    // link() fails when the lock exists, and what it makes is whole from the first moment.
    if (await linked(own, path)) return undefined;
    const found = await readLock(path);
    if (!found) continue; // released just now
    if (found.holder && (await isHeld(path, found.holder))) return found.holder;
    if (await replace(path, own, found)) return undefined;
    await delay(CONTENDED_RETRY_MS);
  }
}

/**
 * Puts `own` in the place of a dead holder's lock. Of several processes that try, only one may look and replace at a
 * time, or the second would replace the lock of the first: so each needs a lock on that very lock (of which the
 * holder may have died too, hence the recursion). False when somebody else was faster.
 */
async function replace(path: string, own: string, stale: FoundLock): Promise<boolean> {
  const { holder } = stale;
  const claim = `${path}.${holder ? `${holder.pid}-${holder.started}` : 'unreadable'}`;
  if (await take(claim, own)) return false;
  try {
    if ((await readLock(path))?.text !== stale.text) return false;
    await linked(own, `${own}.next`);
    await rename(`${own}.next`, path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

/** Throws unless it was made or something is there already. */
async function linked(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isHeld(path: string, holder: LockHolder): Promise<boolean> {
  if (holder.host === hostname()) return startTimeOf(holder.pid) === holder.started;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < FOREIGN_LOCK_MS;
}

/** Undefined when there is none. */
async function readLock(path: string): Promise<FoundLock | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return { text, holder: JSON.parse(text) as LockHolder };
  } catch {
    return { text, holder: undefined };
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
