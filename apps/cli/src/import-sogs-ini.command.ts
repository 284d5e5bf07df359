import { Command } from 'commander';
import { resolve } from 'node:path';
import { readSogsIni } from '../../../libs/community/transfer/sogs/ini/sogs-ini.js';
import { configOrWarn } from './installation.js';
import { printJson, printLine } from './output.js';
import { carryOver, printCarriedOver } from './sogs-ini.js';

const HELP = `
What is set here already stays. plaza import sogs --ini does the same after the rows, so this is for those who have
imported before, or begin with empty rooms.

Example:
  plaza import sogs-ini /srv/sogs/sogs.ini --dry-run`;

export function importSogsIniCommand(): Command {
  return new Command('sogs-ini')
    .description('take over the settings and filters of the reference server (sogs.ini)')
    .argument('<file>', 'its sogs.ini')
    .option('--dry-run', 'only look')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(importSogsIni);
}

async function importSogsIni(
  file: string,
  { dryRun = false, json }: { dryRun?: boolean; json?: true },
): Promise<void> {
  configOrWarn();
  const report = await carryOver(await readSogsIni(file), { iniFile: resolve(file), dryRun });
  if (json) return printJson(report);
  const { settings, filters, left } = report;
  if (settings.length + filters.length + left.length === 0) printLine('Everything in it is so here already.');
  printCarriedOver(report, dryRun);
  if (settings.length > 0 && !dryRun) printLine('A running server takes these settings at its next start.');
}
