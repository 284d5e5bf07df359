import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../libs/config/project-root.js';
import { automodCommand } from './automod.command.js';
import { banCommand } from './ban.command.js';
import { completionCommand } from './completion.command.js';
import { backupCommand } from './backup.command.js';
import { exportCommand } from './export.command.js';
import { importCommand } from './import.command.js';
import { restoreCommand } from './restore.command.js';
import { devCommand } from './dev.command.js';
import { eraseCommand } from './erase.command.js';
import { filesCommand } from './files.command.js';
import { filterCommand } from './filter.command.js';
import { jobsCommand } from './jobs.command.js';
import { keyCommand } from './key.command.js';
import { logCommand } from './log.command.js';
import { migrateCommand } from './migrate.command.js';
import { moderatorCommand } from './moderator.command.js';
import { muteCommand } from './mute.command.js';
import { roomCommand } from './room.command.js';
import { statsCommand } from './stats.command.js';
import { tokenCommand } from './token.command.js';
import { userCommand } from './user.command.js';
import { webhookCommand } from './webhook.command.js';

const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  version: string;
};
const HELP_HINT = '(add --help for an explanation)';

/** The whole command line. */
export function plaza(): Command {
  const program = new Command('plaza')
    .version(version, '--version', 'show the version')
    .description('Administers a Plaza community. Works while the server runs and while it does not.')
    .addHelpText(
      'after',
      '\nSettings come from the environment and .env, as for the server.' +
        '\nExit codes: 0 done, 1 not possible, 2 not understood.' +
        '\n\nExamples:\n  plaza key show\n  plaza room create fish --name "Fish"\n  plaza moderator add 05… --global --admin\n  plaza room list --json',
    );
  const commands = [
    keyCommand(),
    roomCommand(),
    moderatorCommand(),
    userCommand(),
    banCommand(),
    muteCommand(),
    tokenCommand(),
    backupCommand(),
    restoreCommand(),
    importCommand(),
    exportCommand(),
    filterCommand(),
    automodCommand(),
    filesCommand(),
    eraseCommand(),
    logCommand(),
    statsCommand(),
    webhookCommand(),
    jobsCommand(),
    migrateCommand(),
    completionCommand(),
    devCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  makeUsageErrorsThrow(program);
  return program;
}

function makeUsageErrorsThrow(command: Command): void {
  command.exitOverride().showHelpAfterError(HELP_HINT);
  for (const child of command.commands) makeUsageErrorsThrow(child);
}
