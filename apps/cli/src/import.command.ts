import { Command } from 'commander';
import { importSogsCommand } from './import-sogs.command.js';

export function importCommand(): Command {
  const program = new Command('import').description('takes over communities and rooms from elsewhere');
  program.addCommand(importSogsCommand());
  return program;
}
