import 'reflect-metadata';
import { CommanderError } from 'commander';
import { WireError } from '../../../libs/protocol/errors.js';
import { terminalText } from '../../../libs/protocol/operator-error.js';
import { CommandLeftError, CommandUsageError } from './command-error.js';
import { plaza } from './program.js';

/** The command could not do what was asked. */
const EXIT_FAILED = 1;
/** The command line makes no sense; nothing was tried. */
const EXIT_USAGE = 2;

/** Ctrl-C, as shells say it. */
const EXIT_LEFT = 130;

const LAST_MOMENTS_MS = 500;

async function main(): Promise<number> {
  // Whoever reads has seen enough (`plaza log | head`): what is open is closed all the same.
  process.stdout.on('error', () => undefined);
  try {
    await plaza().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    process.stderr.write(`${error instanceof WireError ? error.text : terminalText(error)}\n`);
    if (error instanceof CommandUsageError) return EXIT_USAGE;
    return error instanceof CommandLeftError ? EXIT_LEFT : EXIT_FAILED;
  }
}

void main().then((code) => {
  process.exitCode = code;
  // Should anything be left open, the person at the terminal is not kept waiting for it.
  setTimeout(() => process.exit(code), LAST_MOMENTS_MS).unref();
});
