import { Command } from 'commander';
import { configOrWarn } from './installation.js';
import { printJson, printLine } from './output.js';
import { bringUpToDate, reachCommunity } from './reach-community.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('brings the database up to date, as the server does at its start')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nFor deployments of several servers, before the new version starts. Refuses a database that is newer than\n' +
        'this version, and changes nothing then. Any number may run at once.\n\nExample:\n  plaza migrate',
    )
    .action(migrateDatabase);
}

async function migrateDatabase({ json }: { json?: true }): Promise<void> {
  const config = configOrWarn();
  // A database of one's own is often made ready before the first server starts.
  const { server } = await reachCommunity(config, { mayBegin: config.databaseUrl !== undefined });
  try {
    const applied = await bringUpToDate(server);
    if (json) return printJson({ applied });
    for (const name of applied) printLine(`applied ${name}`);
    printLine('The database is up to date.');
  } finally {
    await server.stop();
  }
}
