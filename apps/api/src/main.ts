import 'reflect-metadata';
import { ConfigError } from '../../../libs/config/config-error.js';
import { KeyFileError } from '../../../libs/config/key-file.js';
import { loadConfig } from '../../../libs/config/load-config.js';
import { DataFolderInUseError } from '../../../libs/storage/data-folder.js';
import { EmbeddedPostgresError } from '../../../libs/storage/embedded-postgres-error.js';
import { MigrationError } from '../../../libs/storage/migrations.js';
import { makeLogger } from './logging.js';
import { startServer, StartRefusedError, type RunningServer } from './server.js';
import { makeFirstRoom, welcomeText } from './welcome.js';

/** What is under way gets this long; then the process ends all the same. */
const CLOSE_TIMEOUT_MS = 25_000;
/** Mistakes of the set-up, not of the program: told in words, without a stack. */
const EXPECTED = [
  ConfigError,
  DataFolderInUseError,
  EmbeddedPostgresError,
  KeyFileError,
  MigrationError,
  StartRefusedError,
];

async function main(): Promise<void> {
  const { config, warnings } = loadConfig();
  const log = makeLogger(config.logLevel);
  for (const warning of warnings) log.warn(warning);
  const stopping = onStopSignal();
  const server = await startServer(config, log, (reason) => {
    log.fatal(reason);
    stopping.stop(1);
  }).catch((error: unknown) => {
    // Ctrl-C in a terminal also ends the programs that the start runs, which makes the start fail.
    if (!stopping.isRequested()) throw error;
  });
  if (!server) return process.exit(await stopping.requested);
  await makeFirstRoom(server);
  process.stdout.write(`${await welcomeText(config, server)}\n`);
  log.info({ port: server.port }, 'started');
  await end(server, await stopping.requested);
}

/** Collects signals from the very start, so that one that comes during the start is obeyed after it. */
function onStopSignal(): {
  requested: Promise<number>;
  isRequested(): boolean;
  stop(exitCode: number): void;
} {
  let isRequested = false;
  let resolveRequested: (exitCode: number) => void = () => undefined;
  const requested = new Promise<number>((resolve) => (resolveRequested = resolve));
  const stop = (exitCode: number): void => {
    isRequested = true;
    resolveRequested(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
  return { requested, isRequested: () => isRequested, stop };
}

async function end(server: RunningServer, exitCode: number): Promise<void> {
  process.stdout.write('Stopping…\n');
  setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
  await server.close();
  process.exit(exitCode);
}

main().catch((error: unknown) => {
  const expected = EXPECTED.some((type) => error instanceof type) || isSystemError(error);
  process.stderr.write(
    `${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
});

/** The operating system said no: a port in use, a folder that cannot be made. Its message names what it was about. */
function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';
}
