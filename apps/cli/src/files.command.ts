import { Command } from 'commander';
import { adoptFileStore } from '../../../libs/community/file-store-mark.js';
import { FileSweepService, type SweepFindings } from '../../../libs/community/file-sweep.service.js';
import { FileUsageService } from '../../../libs/community/file-usage.service.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { CommandError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { filesMoveCommand } from './files-move.command.js';
import { withInstallation, type Installation } from './installation.js';
import { parseCount } from './option-values.js';
import { formatBytes, printChange, printFields, printJson, printLine, printTable } from './output.js';

const TOP_DEFAULT = 20;
const TOP_MAX = 10_000;

interface AdoptOptions {
  yes?: true;
  json?: true;
}

interface CheckOptions {
  repair?: true;
  yes?: true;
  json?: true;
}

export function filesCommand(): Command {
  const files = new Command('files').description('uploaded files, and where they are kept (FILES_URL)');
  files
    .command('usage')
    .description('how many there are and how large, by room and by uploader')
    .option('--top <number>', 'uploaders to show', parseCount(1, TOP_MAX), TOP_DEFAULT)
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza files usage --top 5')
    .action((options: { top: number; json?: true }) => withInstallation((at) => showUsage(at, options)));
  files
    .command('check')
    .description('holds the stored files against what is recorded')
    .option('--repair', 'remove stored files without a record, and records without a stored file')
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nThe worker does so every hour, and removes what is few. Room images and files of pinned messages\n' +
        'keep their records in any case.\n\nExamples:\n  plaza files check\n  plaza files check --repair',
    )
    .action((options: CheckOptions) => withInstallation((at) => check(at, options)));
  files
    .command('adopt')
    .description('declare the store of FILES_URL to be this server’s, although files are missing there')
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nOnly for when the missing files are lost for good.\n\nExample:\n  plaza files adopt',
    )
    .action((options: AdoptOptions) => withInstallation((at) => adopt(at, options)));
  files.addCommand(filesMoveCommand());
  return files;
}

async function showUsage({ get }: Installation, { top, json }: { top: number; json?: true }): Promise<void> {
  const usage = await get(FileUsageService).overview(top);
  if (json) return printJson(usage);
  const { rooms, uploaders } = usage;
  printTable(
    ['room', 'files', 'size'],
    [
      ...rooms.map(({ room, files, bytes }) => [room ?? '(deleted)', files, formatBytes(bytes)]),
      ...(rooms.length > 1 ? [['(all)', usage.files, formatBytes(usage.bytes)]] : []),
    ],
    'There are no files.',
  );
  if (uploaders.length === 0) return;
  printLine('');
  const rows = uploaders.map(({ uploader, files, bytes }) => [uploader, files, formatBytes(bytes)]);
  printTable(['uploader', 'files', 'size'], rows, '');
}

async function check(at: Installation, options: CheckOptions): Promise<void> {
  const found = await at.get(FileSweepService).look();
  const { orphans, hollow, doubts, ...others } = found;
  if (!options.json) showFindings(at.blobs.url, found);
  if (options.repair) return repair(at, found, options);
  if (options.json)
    return printJson({
      store: at.blobs.url,
      ...others,
      orphans: orphans.count,
      hollow: hollow.count,
      doubts,
    });
  printLine(doubts.join('\n') || conclusionOf(orphans.count + hollow.count));
}

function showFindings(
  store: string,
  { stored, recorded, orphans, strangers, hollow, hollowLasting }: SweepFindings,
) {
  printFields({
    store,
    'stored files': `${stored.files} (${formatBytes(stored.bytes)})`,
    'recorded files': `${recorded} (older than an hour)`,
    'stored without a record': orphans.count,
    'stored by another database': strangers,
    'recorded, not stored': hollow.count,
    'of these, meant to last': hollowLasting,
  });
  printLine('');
}

async function repair(
  { get, blobs }: Installation,
  { orphans, hollow, hollowLasting }: SweepFindings,
  { yes, json }: CheckOptions,
): Promise<void> {
  const question = `Remove ${orphans.count} stored files and ${hollow.count - hollowLasting} records? Type yes to confirm: `;
  if (!yes && !(await confirmed(question, 'yes'))) throw new CommandError('Nothing was removed.');
  const { orphanedBytes, hollowRows } = await get(FileSweepService).tidy({ evenIfMany: true });
  if (json) return printJson({ store: blobs.url, removedFiles: orphanedBytes, removedRecords: hollowRows });
  printLine(`Removed ${orphanedBytes} stored files and ${hollowRows} records.`);
}

const conclusionOf = (differences: number): string =>
  differences === 0 ? 'Everything is in order.' : 'The worker tidies this up by itself.';

async function adopt({ get, blobs, identity }: Installation, { yes, json }: AdoptOptions): Promise<void> {
  const { stored, recorded, hollow } = await get(FileSweepService).look();
  const say = json ? (text: string) => process.stderr.write(`${text}\n`) : printLine;
  say(`${blobs.url} has ${stored.files} files. ${hollow.count} of ${recorded} recorded files are missing.`);
  if (!yes && !(await confirmed('Go on with this store? Type yes to confirm: ', 'yes')))
    throw new CommandError('Nothing was changed.');
  const now = systemClock.nowSeconds();
  await adoptFileStore(blobs, { server: identity.keys.publicKeyHex, now });
  const adopted = { store: blobs.url, files: stored.files, recorded, missing: hollow.count };
  printChange({ json }, adopted, 'It is now the store of this server.');
}
