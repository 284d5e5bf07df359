import { Command } from 'commander';
import { importRoomCommand } from './import-room.command.js';
import { importSogsCommand } from './import-sogs.command.js';
import { importSogsIniCommand } from './import-sogs-ini.command.js';

export function importCommand(): Command {
  const program = new Command('import').description('takes over communities and rooms from elsewhere');
  program.addCommand(importSogsCommand());
  program.addCommand(importSogsIniCommand());
  program.addCommand(importRoomCommand());
  return program;
}
