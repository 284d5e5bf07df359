import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../../../libs/config/config-error.js';
import { KeyFileError } from '../../../libs/config/key-file.js';
import { WireError } from '../../../libs/protocol/errors.js';
import { DataFolderInUseError } from '../../../libs/storage/data-folder.js';
import { EmbeddedPostgresError } from '../../../libs/storage/embedded-postgres-error.js';
import { MigrationError } from '../../../libs/storage/migrations.js';
import { StorageUnavailableError } from '../../../libs/storage/storage-errors.js';
import { CommandError } from './command-error.js';
import { keyCommand } from './key.command.js';
import { moderatorCommand } from './moderator.command.js';
import { roomCommand } from './room.command.js';

/** The command could not do what was asked. */
const EXIT_FAILED = 1;
/** The command line makes no sense; nothing was tried. */
const EXIT_USAGE = 2;

const EXPECTED = [
  CommandError,
  ConfigError,
  DataFolderInUseError,
  EmbeddedPostgresError,
  KeyFileError,
  MigrationError,
  StorageUnavailableError,
];

function plaza(): Command {
  const program = new Command('plaza')
    .description('Administers a Plaza community. Works while the server runs and while it does not.')
    .addHelpText(
      'after',
      '\nSettings come from the environment and .env, as for the server.' +
        '\nExit codes: 0 done, 1 not possible, 2 not understood.' +
        '\n\nExamples:\n  plaza key show\n  plaza room create fish --name "Fish"\n  plaza moderator add 05… --global --admin\n  plaza room list --json',
    )
    .showHelpAfterError('(add --help for an explanation)');
  for (const command of [keyCommand(), roomCommand(), moderatorCommand()]) program.addCommand(command);
  makeUsageErrorsThrow(program);
  return program;
}

function makeUsageErrorsThrow(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) makeUsageErrorsThrow(child);
}

async function main(): Promise<number> {
  try {
    await plaza().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    process.stderr.write(`${describe(error)}\n`);
    return EXIT_FAILED;
  }
}

function describe(error: unknown): string {
  if (error instanceof WireError) return error.text;
  if (EXPECTED.some((type) => error instanceof type)) return (error as Error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

void main().then((code) => {
  process.exitCode = code;
});
