import { Command } from 'commander';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  FileMoveService,
  type EmptiedSource,
  type FileMoveReport,
} from '../../../libs/community/file-move.service.js';
import { filesUrl, formatFilesUrl, overlap, type FilesLocation } from '../../../libs/config/files-url.js';
import type { BlobStore } from '../../../libs/storage/blob-store.js';
import { openBlobStore } from '../../../libs/storage/open-blob-store.js';
import { CommandError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { FileMoveProgressLine } from './file-move-progress.js';
import { withInstallation, type Installation } from './installation.js';
import { formatBytes, printJson, printLine } from './output.js';

interface MoveOptions {
  to: string;
  from?: string;
  deleteSource?: true;
  yes?: true;
  json?: true;
}

interface Places {
  from: FilesLocation;
  to: FilesLocation;
}

const HELP = `
It copies, and can be stopped (Ctrl-C) and run again: what is there already is not copied twice.
A URL is file:PATH or s3://BUCKET/PREFIX. Access to S3 comes from the AWS_… settings, the same for both
ends; between two S3 servers with different access, move to a folder first.

How to move while members are online:
  1. plaza files move --to s3://bucket/plaza
  2. set FILES_URL=s3://bucket/plaza and restart the server
  3. plaza files move --from file:./data/files --to s3://bucket/plaza    (what was uploaded meanwhile)
  4. the same with --delete-source                                       (when all is well)`;

export function filesMoveCommand(): Command {
  return new Command('move')
    .description('copy all files to another folder or bucket')
    .requiredOption('--to <url>', 'where to')
    .option('--from <url>', 'where they are (default: FILES_URL)')
    .option('--delete-source', 'afterwards remove what was copied from where it was')
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((options: MoveOptions) => withInstallation((at) => move(at, options)));
}

async function move(at: Installation, options: MoveOptions): Promise<void> {
  const { yes, json, deleteSource } = options;
  const places = placesOf(at, options);
  if (deleteSource && !yes && !process.stdin.isTTY)
    throw new CommandError('--delete-source needs --yes when nobody can be asked.');
  const { s3 } = at.config;
  const from = openBlobStore({ files: places.from, s3 });
  const to = openBlobStore({ files: places.to, s3 });
  const stopping = onStopSignal();
  try {
    const report = await copy(at, { from, to, signal: stopping.signal });
    if (json && !(deleteSource && report.state === 'complete')) printJson(jsonOf(report, { from, to }));
    refuseUnlessComplete(report, from);
    if (!json) printLine(summaryOf(report, to));
    if (!deleteSource) return json ? undefined : printLine(nextSteps(at, places));

    const question = `Remove these files from ${from.url}? Type yes to confirm: `;
    if (!yes && !(await confirmed(question, 'yes'))) throw new CommandError('Nothing was removed.');
    const emptied = await at.get(FileMoveService).emptySource({ from, to, signal: stopping.signal });
    if (json) printJson({ ...jsonOf(report, { from, to }), emptied });
    else printLine(emptiedText(emptied, from));
  } finally {
    stopping.end();
    from.close();
    to.close();
  }
}

function placesOf({ config }: Installation, options: MoveOptions): Places {
  const to = placeOf('--to', options.to);
  const from = options.from === undefined ? config.files : placeOf('--from', options.from);
  const [realFrom, realTo] = [resolved(from), resolved(to)];
  if (overlap(realFrom, realTo))
    throw new CommandError(
      `${formatFilesUrl(from)} and ${formatFilesUrl(to)} are the same place, or one lies in the other.` +
        (options.from === undefined
          ? ' Say with --from where the files were: FILES_URL counts without it.'
          : ''),
    );
  if (options.deleteSource && overlap(realFrom, resolved(config.files)))
    throw new CommandError(
      `FILES_URL is still ${formatFilesUrl(config.files)}. Set it to ${formatFilesUrl(to)} and restart the server before you remove anything there.`,
    );
  return { from, to };
}

function placeOf(option: string, text: string): FilesLocation {
  const place = filesUrl.parse(text.trim(), { cwd: process.cwd() });
  if (!place) throw new CommandError(`${option} ${text} cannot be used. It must be ${filesUrl.expected}.`);
  return place;
}

/** Through symbolic links, as far as the folder exists. */
function resolved(place: FilesLocation): FilesLocation {
  if (place.kind !== 'folder') return place;
  let [existing, rest] = [place.path, ''];
  for (;;) {
    try {
      return { kind: 'folder', path: join(realpathSync(existing), rest) };
    } catch {
      if (existing === dirname(existing)) return place;
      rest = join(existing.slice(dirname(existing).length), rest);
      existing = dirname(existing);
    }
  }
}

async function copy(
  { get }: Installation,
  ends: { from: BlobStore; to: BlobStore; signal: AbortSignal },
): Promise<FileMoveReport> {
  const line = new FileMoveProgressLine(process.stderr);
  try {
    return await get(FileMoveService).copy({ ...ends, onProgress: (progress) => line.show(progress) });
  } finally {
    line.end();
  }
}

/** The first signal lets the files under way be finished; a second one ends the process as it would any. */
function onStopSignal(): { signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  const onSignal = (): void => {
    process.stderr.write(`\nStopping after the files that are under way…\n`);
    stop.abort();
    end();
  };
  const end = (): void => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return { signal: stop.signal, end };
}

function refuseUnlessComplete(
  { state, files, skipped, copied, missing }: FileMoveReport,
  from: BlobStore,
): void {
  if (state === 'stopped')
    throw new CommandError(
      `Stopped: ${skipped.files + copied.files} of ${files} files are there. Run the same command again to go on.`,
    );
  if (state === 'doubtful')
    throw new CommandError(
      `${missing} of ${files} recorded files are not in ${from.url}. Is it the right place? Nothing was completed.`,
    );
}

function summaryOf({ copied, skipped, missing, damaged }: FileMoveReport, to: BlobStore): string {
  const lines = [
    `Copied ${copied.files} files (${formatBytes(copied.bytes)}) to ${to.url}; ${skipped.files} were there already.`,
  ];
  if (missing > 0) lines.push(`${missing} recorded files were not found at either end.`);
  if (damaged > 0) lines.push(`${damaged} files are not as long as recorded, and were left out.`);
  return lines.join('\n');
}

function nextSteps({ config }: Installation, { from, to }: Places): string {
  const [source, destination] = [formatFilesUrl(from), formatFilesUrl(to)];
  const again = `plaza files move --from ${shellWord(source)} --to ${shellWord(destination)}`;
  if (overlap(resolved(to), resolved(config.files)))
    return `\nFILES_URL is ${destination} already. When no server works on ${source} any more, remove the files there:\n  ${again} --delete-source`;
  const steps = [
    '\nWhat to do now:',
    `  1. Set FILES_URL=${destination} and restart the server.`,
    '  2. Then fetch what was uploaded meanwhile, within a week:',
    `     ${again}`,
    `Nothing was removed from ${source}.`,
  ];
  return steps.join('\n');
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

function emptiedText({ removed, kept, unclear }: EmptiedSource, from: BlobStore): string {
  const lines = [`Removed ${removed} files from ${from.url}.`];
  if (kept > 0) lines.push(`${kept} were kept: they are not at the destination.`);
  if (unclear > 0)
    lines.push(`${unclear} were kept: they have no record, and may be of an upload under way.`);
  return lines.join('\n');
}

const jsonOf = (
  { phase: _phase, compared: _compared, ...report }: FileMoveReport,
  { from, to }: { from: BlobStore; to: BlobStore },
): Record<string, unknown> => ({ from: from.url, to: to.url, ...report });
