import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../../../libs/config/config.js';
import { startServer } from '../server.js';
import { endWith, type Stopping } from '../stop-signal.js';
import { makeFirstRoom, welcomeText } from '../welcome.js';

/** What is under way gets this long; then the process ends all the same. */
const CLOSE_TIMEOUT_MS = 25_000;

/** The whole server in this process, until it is told to stop. */
export async function serveAlone(config: Config, log: Logger, stopping: Stopping): Promise<void> {
  const onFatal = (reason: string): void => {
    log.fatal(reason);
    stopping.stop(1);
  };
  const server = await startServer({ config, log, onFatal, isStopping: stopping.isRequested }).catch(
    (error: unknown) => {
      // Ctrl-C in a terminal also ends the programs that the start runs, which makes the start fail.
      if (!stopping.isRequested()) throw error;
    },
  );
  if (!server) return process.exit(await stopping.requested);
  await makeFirstRoom(server);
  process.stdout.write(`${await welcomeText(config, server)}\n`);
  log.info({ port: server.port }, 'started');
  const exitCode = await stopping.requested;
  process.stdout.write('Stopping…\n');
  server.processes.isEnding = true;
  // What is fatal leaves nothing to hand over gently: its lock, say, may be another server's by now.
  if (exitCode === 0) await delay(config.stopDelaySeconds * 1000);
  await endWith(exitCode, CLOSE_TIMEOUT_MS, () => server.close());
}
