import 'reflect-metadata';
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { loadConfig } from '../../../libs/config/load-config.js';
import { makeLogger } from '../../../libs/logging/logging.js';
import { terminalText } from '../../../libs/protocol/operator-error.js';
import { onStopSignal, type Stopping } from './stop-signal.js';

/** One process, or the first of several, or one of those. Each loads only what it needs. */
async function main(): Promise<void> {
  const { config, warnings } = loadConfig();
  const log = makeLogger(config.logLevel);
  if (cluster.isWorker) {
    // A terminal sends Ctrl-C to all processes; what follows from it is for the primary to say.
    const stopping = onStopSignal(['SIGTERM'], ['SIGINT', 'SIGHUP']);
    const { serveAsMember } = await import('./processes/member.js');
    return serveAsMember(config, log, stopping);
  }
  for (const warning of warnings) log.warn(warning);
  if (config.apiProcesses > 1) {
    const stopping = onStopSignal(['SIGINT', 'SIGTERM'], ['SIGHUP']);
    const { leadProcesses } = await import('./processes/primary.js');
    return leadProcesses(config, log, stopping);
  }
  const stopping = aloneUntilStopped(log);
  const { serveAlone } = await import('./processes/alone.js');
  return serveAlone(config, log, stopping);
}

/**
 * A terminal that is closed ends the server. From anybody else SIGHUP means "read your settings again", which only
 * several processes can do (by replacing each other); ending instead would be for good, since it is no failure.
 */
function aloneUntilStopped(log: Logger): Stopping {
  if (process.stderr.isTTY) return onStopSignal(['SIGINT', 'SIGTERM', 'SIGHUP']);
  process.on('SIGHUP', () =>
    log.warn(
      'SIGHUP changes nothing about a server of one process: restart it for new settings or a new version',
    ),
  );
  return onStopSignal(['SIGINT', 'SIGTERM']);
}

main().catch((error: unknown) => {
  process.stderr.write(`${terminalText(error)}\n`);
  process.exit(1);
});
