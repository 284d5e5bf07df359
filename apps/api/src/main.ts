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
  });
  await makeFirstRoom(server);
  process.stdout.write(`${await welcomeText(config, server)}\n`);
  log.info({ port: server.port }, 'started');
  await end(server, await stopping.requested);
}

/** Collects signals from the very start, so that one that comes during the start is obeyed after it. */
function onStopSignal(): { requested: Promise<number>; stop(exitCode: number): void } {
  let stop: (exitCode: number) => void = () => undefined;
  const requested = new Promise<number>((resolve) => (stop = resolve));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
  return { requested, stop };
}

async function end(server: RunningServer, exitCode: number): Promise<void> {
  process.stdout.write('Stopping…\n');
  setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
  await server.close();
  process.exit(exitCode);
}

main().catch((error: unknown) => {
  const expected = EXPECTED.some((type) => error instanceof type) || isListenError(error);
  process.stderr.write(
    `${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
});

function isListenError(error: unknown): boolean {
  const { syscall, code } = error as NodeJS.ErrnoException;
  return syscall === 'listen' || code === 'ECONNREFUSED' || code === 'ENOTFOUND';
}
