import { Command } from 'commander';
import { ErasureService } from '../../../libs/community/erasure.service.js';
import { CommandError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { withInstallation, type Installation } from './installation.js';
import { counted } from '../../../libs/protocol/counted.js';
import { formatBytes, printJson, printLine, ProgressLine } from './output.js';

interface EraseOptions {
  yes?: true;
  json?: true;
}

export function eraseCommand(): Command {
  return new Command('erase')
    .description('leaves nothing of what was deleted in the files of the database')
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nWrites every table anew, which takes as much room again as the largest of them, and a second or two for\n' +
        '100 MB; members wait meanwhile. The worker does so every night with tables up to ERASE_TABLE_BYTES_MAX.\n' +
        'What it does not reach are backups, and the write-ahead log of a PostgreSQL of your own.\n\nExample:\n  plaza erase',
    )
    .action((options: EraseOptions) => withInstallation((at) => erase(at, options)));
}

async function erase({ get }: Installation, { yes, json }: EraseOptions): Promise<void> {
  const question = 'Members wait while tables are written anew. Type yes to go on: ';
  if (!yes && !(await confirmed(question, 'yes'))) throw new CommandError('Nothing was done.');
  const progress = new ProgressLine();
  const report = await get(ErasureService).runNow(({ name, bytes }) =>
    progress.show(`${name} (${formatBytes(bytes)})`),
  );
  progress.clear();
  const { rewritten, busy, logDropped } = report;
  if (json) return printJson({ rewritten, busy, logDropped });
  printLine(`${counted(rewritten.length, 'table')} written anew.`);
  if (!logDropped)
    printLine('The write-ahead log is your PostgreSQL’s own: copies stay there until it recycles them.');
  if (busy.length > 0) throw new CommandError(`In use, so try again later: ${busy.join(', ')}`);
}
