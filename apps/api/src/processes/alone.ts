import type { Logger } from 'pino';
import type { Config } from '../../../../libs/config/config.js';
import { startServer } from '../server.js';
import { endWith, onStopSignal } from '../stop-signal.js';
import { makeFirstRoom, welcomeText } from '../welcome.js';

/** What is under way gets this long; then the process ends all the same. */
const CLOSE_TIMEOUT_MS = 25_000;

/** The whole server in this process, until it is told to stop. */
export async function serveAlone(config: Config, log: Logger): Promise<void> {
  const stopping = onStopSignal(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const onFatal = (reason: string): void => {
    log.fatal(reason);
    stopping.stop(1);
  };
  const server = await startServer({ config, log, onFatal }).catch((error: unknown) => {
    // Ctrl-C in a terminal also ends the programs that the start runs, which makes the start fail.
    if (!stopping.isRequested()) throw error;
  });
  if (!server) return process.exit(await stopping.requested);
  await makeFirstRoom(server);
  process.stdout.write(`${await welcomeText(config, server)}\n`);
  log.info({ port: server.port }, 'started');
  const exitCode = await stopping.requested;
  process.stdout.write('Stopping…\n');
  await endWith(exitCode, CLOSE_TIMEOUT_MS, () => server.close());
}
