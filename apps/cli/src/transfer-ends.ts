import { readFile } from 'node:fs/promises';
import { TransferStoppedError } from '../../../libs/community/transfer/table-copier.js';
import type { Config } from '../../../libs/config/config.js';
import type { BlobStore } from '../../../libs/storage/blob-store.js';
import { MIGRATIONS_FOLDER } from '../../../libs/storage/database-server.js';
import { refuseOtherVersion } from '../../../libs/storage/migrations.js';
import { openBlobStore } from '../../../libs/storage/open-blob-store.js';
import { CopySession } from '../../../libs/storage/transfer/copy-session.js';
import { TransferTarget } from '../../../libs/storage/transfer/transfer-target.js';
import { CommandError, CommandLeftError } from './command-error.js';
import { bringUpToDate, reachCommunity } from './reach-community.js';

/** An installation that may still be empty: nothing in it has been touched, not even a key made. */
export interface BareInstallation {
  config: Config;
  target: TransferTarget;
  blobs: BlobStore;
  /** Contains the password. */
  databaseUrl: string;
  /** Whether a server works on it. */
  isRunning: boolean;
}

export interface BareOptions {
  /** Whether the command may begin a community where none is. */
  mayBegin?: boolean;
  /** Sees the database before it is used; left out, it is brought up to date. */
  prepare?: (databaseUrl: string) => Promise<void>;
}

export async function withBareInstallation<Result>(
  config: Config,
  work: (installation: BareInstallation) => Promise<Result>,
  { mayBegin = false, prepare }: BareOptions = {},
): Promise<Result> {
  const { server } = await reachCommunity(config, { mayBegin });
  try {
    if (prepare) await prepare(server.url);
    else if (server.kind === 'running') await refuseOtherVersion(server.url, MIGRATIONS_FOLDER);
    else await bringUpToDate(server);
    const session = await CopySession.open(server.url, 'plaza transfer');
    const blobs = openBlobStore(config);
    try {
      const isRunning = server.kind === 'running';
      return await work({
        config,
        target: new TransferTarget(session),
        blobs,
        databaseUrl: server.url,
        isRunning,
      });
    } finally {
      blobs.close();
      await session.close();
    }
  } finally {
    await server.stop();
  }
}

/** Ctrl-C stops `work` at the next row or file; then the command says what `advice` does. */
export async function stoppable<Result>(
  advice: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (error instanceof TransferStoppedError) throw new CommandLeftError(`\nStopped. ${advice}`);
    throw error;
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
  }
}

/** What an operator names; a missing file is no bug of ours. */
export async function readNamedFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
