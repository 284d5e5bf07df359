import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { databaseAccount, refuseUnreachableFolder, type DatabaseAccount } from './database-account.js';
import { dropStaleLockFiles, lastLogLines, runningPostmaster } from './postmaster-traces.js';

const run = promisify(execFile);

const SUPERUSER = 'plaza';
const DATABASE = 'plaza';
const PORT = 5432; // names the socket file only: the embedded database listens on no network address
/** sun_path holds 108 bytes with its NUL; PostgreSQL adds "/.s.PGSQL.5432.lock". */
const SOCKET_FOLDER_LENGTH_MAX = 85;
const START_ATTEMPTS = 40;
const START_RETRY_MS = 250;
const START_TIMEOUT_SECONDS = 60;
const STOP_TIMEOUT_SECONDS = 30;
const LOG_LINES_SHOWN = 5;

interface Binaries {
  initdb: string;
  pgCtl: string;
}

/**
 * PostgreSQL from npm, with its data in `dataDir/postgres`. It listens on a Unix socket alone. The caller holds the
 * data folder's lock: a database process that is still there belongs to a server that was killed, and is stopped.
 */
export class EmbeddedPostgres {
  private readonly cluster: string;
  private readonly passwordFile: string;
  private readonly socketFolderBeside: string;
  private socketFolder = '';
  private account: DatabaseAccount | undefined;

  private constructor(
    private readonly dataDir: string,
    private readonly binaries: Binaries,
  ) {
    this.cluster = join(dataDir, 'postgres');
    this.passwordFile = join(dataDir, 'database-password');
    this.socketFolderBeside = join(dataDir, 'socket');
  }

  /** Makes the cluster on first use, recovers it after a crash, and answers when it accepts connections. */
  static async start(dataDir: string): Promise<EmbeddedPostgres> {
    const postgres = new EmbeddedPostgres(dataDir, findBinaries());
    await postgres.prepare();
    await postgres.stopServer();
    await postgres.startServer();
    await postgres.createDatabase();
    return postgres;
  }

  /** Connection string; contains the password. */
  url = '';

  /** Process id of the running postmaster, or undefined. */
  pid(): Promise<number | undefined> {
    return runningPostmaster(this.cluster);
  }

  /** Starts it again after it died by itself. */
  async restart(): Promise<void> {
    await this.stopServer();
    await this.startServer();
  }

  /** Ends sessions, writes everything out and stops; a no-op when it is not running. */
  async stop(): Promise<void> {
    await this.stopServer();
    if (this.socketFolder !== this.socketFolderBeside)
      await rm(this.socketFolder, { recursive: true, force: true });
  }

  private async stopServer(): Promise<void> {
    if ((await this.pid()) === undefined) return;
    await this.pgCtl('stop', '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT_SECONDS)).catch(async () => {
      if ((await this.pid()) === undefined) return; // it was dying already
      await this.pgCtl('stop', '-m', 'immediate', '-w', '-t', String(STOP_TIMEOUT_SECONDS));
    });
  }

  private async prepare(): Promise<void> {
    this.account = await databaseAccount();
    await refuseUnreachableFolder(this.dataDir, this.account);
    await refuseUnreachableFolder(this.binaries.initdb, this.account);
    const password = await this.password();
    this.socketFolder = await this.makeSocketFolder();
    this.url = `postgresql://${SUPERUSER}:${password}@localhost:${PORT}/${DATABASE}?host=${encodeURIComponent(this.socketFolder)}`;
    if (!existsSync(join(this.cluster, 'PG_VERSION'))) await this.createCluster(password);
    await this.refuseOtherVersion();
  }

  private async password(): Promise<string> {
    const known = await readFile(this.passwordFile, 'utf8').catch(() => '');
    if (known) return known.trim();
    const password = randomBytes(24).toString('base64url');
    await writeFile(this.passwordFile, `${password}\n`, { mode: 0o600 });
    return password;
  }

  private async makeSocketFolder(): Promise<string> {
    const folder =
      Buffer.byteLength(this.socketFolderBeside) <= SOCKET_FOLDER_LENGTH_MAX
        ? this.socketFolderBeside
        : await mkdtemp(join(tmpdir(), 'plaza-'));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.giveAway(folder);
    return folder;
  }

  /** initdb works in a folder of its own and is renamed when whole: a crash in between leaves no half cluster. */
  private async createCluster(password: string): Promise<void> {
    const fresh = `${this.cluster}.new`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { mode: 0o700 });
    await this.giveAway(fresh);
    const passwordFile = join(this.socketFolder, 'initial-password');
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await this.giveAway(passwordFile);
    try {
      await this.asAccount(this.binaries.initdb, [
        `--pgdata=${fresh}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ]);
    } finally {
      await rm(passwordFile, { force: true });
    }
    await rename(fresh, this.cluster);
  }

  private async refuseOtherVersion(): Promise<void> {
    const data = (await readFile(join(this.cluster, 'PG_VERSION'), 'utf8')).trim();
    const { stdout } = await this.asAccount(this.binaries.pgCtl, ['--version']);
    const bundled = /(\d+)/.exec(stdout)?.[1];
    if (data !== bundled)
      throw new EmbeddedPostgresError(
        `The data in ${this.cluster} was written by PostgreSQL ${data}, this version of Plaza bundles ${bundled}. Back up with the version of Plaza that wrote it and restore here.`,
      );
  }

  private async startServer(): Promise<void> {
    const settings = join(this.cluster, 'postgresql.conf');
    await writeFile(settings, serverSettings(this.socketFolder));
    await this.giveAway(settings);
    const log = join(this.cluster, 'start.log');
    for (let attempt = 1; ; attempt++) {
      await dropStaleLockFiles(this.cluster, join(this.socketFolder, `.s.PGSQL.${PORT}`));
      await rm(log, { force: true });
      try {
        await this.pgCtl('start', '-w', '-t', String(START_TIMEOUT_SECONDS), '-l', log);
        return;
      } catch (error) {
        // After a kill -9 of the postmaster its children need a moment to notice; until then the start is refused.
        let output = await readFile(log, 'utf8').catch(() => '');
        if (output.includes('redirecting log')) output += await lastLogLines(this.cluster, LOG_LINES_SHOWN);
        if (attempt >= START_ATTEMPTS || !/shared memory block|lock file/.test(output))
          throw startFailure(error, output);
        await delay(START_RETRY_MS);
      }
    }
  }

  private async createDatabase(): Promise<void> {
    const url = this.url.replace(`/${DATABASE}?`, '/postgres?');
    const client = new Client({ connectionString: url, application_name: 'plaza start' });
    client.on('error', () => undefined); // the query that is under way fails with it
    await client.connect();
    try {
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
      if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`);
    } finally {
      await client.end();
    }
  }

  private pgCtl(command: string, ...args: string[]): Promise<unknown> {
    return this.asAccount(this.binaries.pgCtl, [command, '-D', this.cluster, '-s', ...args]);
  }

  /** Runs one of PostgreSQL's programs; as root, under the unprivileged account. Nothing of our environment leaks in. */
  private asAccount(file: string, args: string[]): Promise<{ stdout: string; stderr: string }> {
    return run(file, args, { cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, ...this.account });
  }

  private async giveAway(path: string): Promise<void> {
    if (this.account) await chown(path, this.account.uid, this.account.gid);
  }
}

function findBinaries(): Binaries {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let entry: string;
  try {
    entry = createRequire(__filename).resolve(name);
  } catch {
    throw new EmbeddedPostgresError(
      `No PostgreSQL is bundled for this machine (${name} is not installed). Run npm ci again, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const bin = join(dirname(entry), '..', 'native', 'bin');
  return { initdb: join(bin, 'initdb'), pgCtl: join(bin, 'pg_ctl') };
}

function startFailure(error: unknown, output: string): EmbeddedPostgresError {
  const reason = output.trim().split('\n').slice(-LOG_LINES_SHOWN).join('\n') || (error as Error).message;
  return new EmbeddedPostgresError(`The bundled PostgreSQL does not start:\n${reason}`);
}

/**
 * Small-machine settings, and nothing about people in the log: neither statements nor their values nor the DETAIL
 * lines that quote keys. Files of the write-ahead log are removed instead of kept for later use with what is in them.
 */
const serverSettings = (socketFolder: string): string => `# Written by Plaza at every start.
# Settings of your own belong into postgresql.auto.conf (ALTER SYSTEM), which wins.
listen_addresses = ''
port = ${PORT}
unix_socket_directories = '${socketFolder.replaceAll("'", "''")}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
wal_recycle = off
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
`;
