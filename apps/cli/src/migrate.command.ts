import { Command } from 'commander';
import { reachDatabaseServer } from '../../../libs/storage/database-server.js';
import { bringUpToDate, configOrWarn } from './installation.js';
import { printJson, printLine } from './output.js';

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
  const server = await reachDatabaseServer(configOrWarn());
  try {
    const applied = await bringUpToDate(server);
    if (json) return printJson({ applied });
    for (const name of applied) printLine(`applied ${name}`);
    printLine('The database is up to date.');
  } finally {
    await server.stop();
  }
}
