import 'reflect-metadata';
import cluster from 'node:cluster';
import { loadConfig } from '../../../libs/config/load-config.js';
import { makeLogger } from '../../../libs/logging/logging.js';
import { terminalText } from '../../../libs/protocol/operator-error.js';

/** One process, or the first of several, or one of those. Each loads only what it needs. */
async function main(): Promise<void> {
  const { config, warnings } = loadConfig();
  const log = makeLogger(config.logLevel);
  if (cluster.isWorker) {
    const { serveAsMember } = await import('./processes/member.js');
    return serveAsMember(config, log);
  }
  for (const warning of warnings) log.warn(warning);
  if (config.apiProcesses > 1) {
    const { leadProcesses } = await import('./processes/primary.js');
    return leadProcesses(config, log);
  }
  const { serveAlone } = await import('./processes/alone.js');
  return serveAlone(config, log);
}

main().catch((error: unknown) => {
  process.stderr.write(`${terminalText(error)}\n`);
  process.exit(1);
});
