import type { Logger } from 'pino';
import { Config } from '../../../../libs/config/config.js';
import { startServer } from '../server.js';
import { endWith, type Stopping } from '../stop-signal.js';
import { makeFirstRoom, welcomeText } from '../welcome.js';
import type { Assignment, Census, Started } from './process-messages.js';
import { ServerProcesses } from './server-processes.js';

/** What is under way gets this long; the primary waits a little longer. */
const CLOSE_TIMEOUT_MS = 25_000;

/** One of several processes of a server: serves until the primary says stop. If the primary dies, so does this. */
export async function serveAsMember(config: Config, log: Logger, stopping: Stopping): Promise<void> {
  const processes = new ServerProcesses();
  const { leads, database } = await assignment(processes);
  const own = new Config({ ...config, runWorker: config.runWorker && leads });
  const onFatal = (reason: string): void => {
    log.fatal(reason);
    stopping.stop(1);
  };
  const stop = (): Promise<void> => Promise.resolve(); // the primary does it
  const server = await startServer({
    config: own,
    log,
    onFatal,
    isStopping: stopping.isRequested,
    processes,
    database: { ...database, stop },
  });
  if (leads) await makeFirstRoom(server);
  const started: Started = { kind: 'started', port: server.port };
  if (leads) started.welcome = await welcomeText(config, server);
  process.send?.(started);
  await endWith(await stopping.requested, CLOSE_TIMEOUT_MS, () => server.close());
}

/** The first message is the assignment; all others tell how many processes there are. */
function assignment(processes: ServerProcesses): Promise<Assignment> {
  return new Promise((resolve) =>
    process.on('message', (message: Assignment | Census) => {
      if (message.kind === 'assignment') return resolve(message);
      if (message.kind !== 'census') return; // metrics ask over the same channel
      processes.running = message.running;
      processes.wanted = message.wanted;
      processes.isEnding = message.isEnding;
    }),
  );
}
