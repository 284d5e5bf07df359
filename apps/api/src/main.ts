import 'reflect-metadata';
import { loadConfig } from '../../../libs/config/load-config.js';
import { makeLogger } from '../../../libs/logging/logging.js';
import { terminalText } from '../../../libs/protocol/operator-error.js';
import { startServer, type RunningServer } from './server.js';
import { makeFirstRoom, welcomeText } from './welcome.js';

/** What is under way gets this long; then the process ends all the same. */
const CLOSE_TIMEOUT_MS = 25_000;

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
  process.stderr.write(`${terminalText(error)}\n`);
  process.exit(1);
});
