import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { projectRoot } from '../config/project-root.js';
import {
  DataFolderInUseError,
  DataFolderLock,
  makeDataFolder,
  readRunFile,
  removeRunFile,
  writeRunFile,
} from './data-folder.js';
import { EmbeddedPostgres } from './embedded-postgres.js';

export const MIGRATIONS_FOLDER = join(projectRoot, 'prisma', 'migrations');

const SUPERVISE_EVERY_MS = 500;
/** Nobody waits much longer than this for a database whose trouble (a full disk) is over. */
const RESTART_PAUSE_MAX_MS = 5_000;
const COMMAND_LOCK_ATTEMPTS = 20;
const COMMAND_LOCK_PAUSE_MS = 250;

/** The PostgreSQL that this process uses. */
export interface DatabaseServer {
  /** Connection string; contains the password. */
  url: string;
  /** `embedded`: started here. `running`: the embedded one of a running server. `external`: DATABASE_URL. */
  kind: 'embedded' | 'running' | 'external';
  /** Stops what was started here, and nothing else. */
  stop(): Promise<void>;
}

export interface DatabaseLocation {
  dataDir: string;
  /** An external database; then nothing is started. */
  databaseUrl: string | undefined;
}

/** What the supervisor of the embedded database reports. */
export interface SupervisorLog {
  warn(message: string): void;
  error(message: string): void;
}

/**
 * For a server: the external database, or sole use of the data folder and a PostgreSQL started in it, which is
 * started again if it dies. Throws DataFolderInUseError or EmbeddedPostgresError.
 */
export async function startDatabaseServer(
  location: DatabaseLocation,
  log: SupervisorLog,
): Promise<DatabaseServer> {
  await makeDataFolder(location.dataDir);
  if (location.databaseUrl !== undefined) return externalServer(location.databaseUrl);
  const server = await startEmbedded(location.dataDir);
  await writeRunFile(location.dataDir, { pid: process.pid, databaseUrl: server.postgres.url });
  const stopSupervising = supervise(server.postgres, log);
  return {
    url: server.postgres.url,
    kind: 'embedded',
    stop: async () => {
      stopSupervising();
      removeRunFile(location.dataDir);
      await server.stop();
    },
  };
}

/**
 * For a command: the external database, that of a running server, or the embedded one, started for as long as the
 * command runs. Throws DataFolderInUseError (while another command or a starting server has the folder) or
 * EmbeddedPostgresError.
 */
export async function reachDatabaseServer(location: DatabaseLocation): Promise<DatabaseServer> {
  if (location.databaseUrl !== undefined) return externalServer(location.databaseUrl);
  await makeDataFolder(location.dataDir);
  for (let attempt = 1; ; attempt++) {
    const running = await readRunFile(location.dataDir);
    if (running && (await answers(running.databaseUrl)))
      return { url: running.databaseUrl, kind: 'running', stop: () => Promise.resolve() };
    try {
      const server = await startEmbedded(location.dataDir);
      return { url: server.postgres.url, kind: 'embedded', stop: server.stop };
    } catch (error) {
      // A server that is just starting or stopping, or another command: it will not be long.
      if (!(error instanceof DataFolderInUseError) || attempt >= COMMAND_LOCK_ATTEMPTS) throw error;
      await delay(COMMAND_LOCK_PAUSE_MS);
    }
  }
}

const externalServer = (url: string): DatabaseServer => ({
  url,
  kind: 'external',
  stop: () => Promise.resolve(),
});

async function startEmbedded(
  dataDir: string,
): Promise<{ postgres: EmbeddedPostgres; stop: () => Promise<void> }> {
  const lock = await DataFolderLock.acquire(dataDir);
  try {
    removeRunFile(dataDir);
    const postgres = await EmbeddedPostgres.start(dataDir);
    return { postgres, stop: () => postgres.stop().finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // a server that is just stopping
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts the database again when it died by itself (or was killed); pauses grow while that fails. */
function supervise(postgres: EmbeddedPostgres, log: SupervisorLog): () => void {
  let stopped = false;
  const watch = async (): Promise<void> => {
    let pause = SUPERVISE_EVERY_MS;
    while (!stopped) {
      await delay(pause, undefined, { ref: false });
      if (stopped || (await postgres.pid()) !== undefined) continue;
      log.warn('the embedded database is gone; starting it again');
      try {
        await postgres.restart();
        pause = SUPERVISE_EVERY_MS;
      } catch (error) {
        pause = Math.min(pause * 2, RESTART_PAUSE_MAX_MS);
        log.error((error as Error).message);
      }
    }
  };
  void watch();
  return () => {
    stopped = true;
  };
}
