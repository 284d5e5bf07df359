import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { WireError } from '../../../libs/protocol/errors.js';
import { terminalText } from '../../../libs/protocol/operator-error.js';
import { automodCommand } from './automod.command.js';
import { CommandLeftError } from './command-error.js';
import { devCommand } from './dev.command.js';
import { filesCommand } from './files.command.js';
import { filterCommand } from './filter.command.js';
import { jobsCommand } from './jobs.command.js';
import { keyCommand } from './key.command.js';
import { logCommand } from './log.command.js';
import { moderatorCommand } from './moderator.command.js';
import { roomCommand } from './room.command.js';
import { statsCommand } from './stats.command.js';
import { tokenCommand } from './token.command.js';
import { userCommand } from './user.command.js';

/** The command could not do what was asked. */
const EXIT_FAILED = 1;
/** The command line makes no sense; nothing was tried. */
const EXIT_USAGE = 2;

/** Ctrl-C, as shells say it. */
const EXIT_LEFT = 130;

const LAST_MOMENTS_MS = 500;

const HELP_HINT = '(add --help for an explanation)';

function plaza(): Command {
  const program = new Command('plaza')
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
    tokenCommand(),
    filterCommand(),
    automodCommand(),
    filesCommand(),
    logCommand(),
    statsCommand(),
    jobsCommand(),
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

async function main(): Promise<number> {
  // Whoever reads has seen enough (`plaza log | head`): what is open is closed all the same.
  process.stdout.on('error', () => undefined);
  try {
    await plaza().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    process.stderr.write(`${error instanceof WireError ? error.text : terminalText(error)}\n`);
    return error instanceof CommandLeftError ? EXIT_LEFT : EXIT_FAILED;
  }
}

void main().then((code) => {
  process.exitCode = code;
  // Should anything be left open, the person at the terminal is not kept waiting for it.
  setTimeout(() => process.exit(code), LAST_MOMENTS_MS).unref();
});
