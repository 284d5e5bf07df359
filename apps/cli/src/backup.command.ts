import { Command } from 'commander';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeBackup } from '../../../libs/community/backup/make-backup.js';
import { verifyBackup } from '../../../libs/community/backup/read-backup.js';
import type { BackupSummary } from '../../../libs/community/backup/backup-entries.js';
import { readKeyFile } from '../../../libs/config/key-file.js';
import { setValues } from '../../../libs/config/set-values.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { BackupSnapshot } from '../../../libs/storage/transfer/backup-snapshot.js';
import { CopySession } from '../../../libs/storage/transfer/copy-session.js';
import { backupName, isFolder, rotateBackups } from './backup-names.js';
import { CommandError } from './command-error.js';
import { configOrWarn } from './installation.js';
import { parseCount } from './option-values.js';
import { formatBytes, formatTime, printJson, printLine } from './output.js';
import { readNamedFile, stoppable, withBareInstallation, type BareInstallation } from './transfer-ends.js';
import { TransferProgressLine } from './transfer-progress.js';

const KEEP_MAX = 10_000;
const OWNER_ONLY = 0o600;

interface BackupCommandOptions {
  keep?: number;
  passphraseFile?: string;
  yes?: true;
  json?: true;
}

const HELP = `
A backup is one file: all tables as they were at one moment, uploaded files, the key, and the settings. Members notice
nothing. It is as secret as the server itself; with a passphrase it can lie anywhere. A path that is a folder, or
ends in /, gets a file named after the time. docs/backup.md tells how to have it done every night.

Examples:
  plaza backup /var/backups/plaza.backup
  plaza backup /var/backups/plaza/ --keep 14 --passphrase-file /etc/plaza/passphrase
  plaza backup verify /var/backups/plaza/plaza-2026-11-24T030000Z.plaza-backup`;

export function backupCommand(): Command {
  const backup = new Command('backup')
    .description('writes everything into one file, while the server runs or not')
    .argument('<file>', 'where to; a folder gets a file named after the time')
    .option('--keep <number>', 'in a folder: leave that many, remove older ones', parseCount(1, KEEP_MAX))
    .option('--passphrase-file <file>', 'encrypt it to what stands in this file')
    .option('--yes', 'replace a file that is there')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(back);
  backup
    .command('verify')
    .argument('<file>', 'a backup')
    .description('reads a backup to its end, and touches nothing')
    .option('--passphrase-file <file>', 'for one that is encrypted')
    .option('--json', 'for programs')
    .action((path: string, _: unknown, command: Command) => verify(path, command.optsWithGlobals()));
  return backup;
}

async function back(path: string, options: BackupCommandOptions): Promise<void> {
  const intoFolder = await isFolder(path);
  if (options.keep !== undefined && !intoFolder)
    throw new CommandError(
      `--keep needs a folder of backups; ${path} is a file. Write ${path}/ for a new folder.`,
    );
  const passphrase = await passphraseOf(options);
  const file = resolve(intoFolder ? join(path, backupName(new Date())) : path);
  await refuseUnlessFree(file, { intoFolder, mayReplace: options.yes === true });
  const summary = await stoppable('Nothing was left behind.', (signal) =>
    withBareInstallation(configOrWarn(), (at) => write(file, at, { passphrase, signal }), {
      prepare: leaveAsItIs,
    }),
  );
  const removed = options.keep === undefined ? [] : await rotateBackups(dirname(file), options.keep);
  const { size } = await stat(file);
  if (options.json) return printJson({ file, bytes: size, ...summary, removed });
  printLine(`${file} (${formatBytes(size)}): ${countsText(summary)}.`);
  if (summary.lost.length > 0)
    printLine(`${summary.lost.length} recorded files are not in the file store: see plaza files check.`);
  if (removed.length > 0) printLine(`Removed: ${removed.join(', ')}`);
}

/** A folder that is missing may be a disk that is not mounted: at most the last one of a path is made. */
async function refuseUnlessFree(
  file: string,
  { intoFolder, mayReplace }: { intoFolder: boolean; mayReplace: boolean },
): Promise<void> {
  const folder = dirname(file);
  if (intoFolder) await mkdir(folder).catch(() => undefined);
  if (!(await isFolder(folder)))
    throw new CommandError(
      `There is no folder ${folder}. Is its disk mounted? If it is a new one, make it first: mkdir -p ${folder}`,
    );
  if (!mayReplace && (await stat(file).catch(() => undefined)))
    throw new CommandError(`There is a file ${file} already. Name another one, or replace it with --yes.`);
}

/** A backup before an upgrade must not be the upgrade. */
const leaveAsItIs = (): Promise<void> => Promise.resolve();

/** Whole and on disk under its name, or not there at all. */
async function write(
  file: string,
  { config, target, blobs, databaseUrl }: BareInstallation,
  { passphrase, signal }: { passphrase: string | undefined; signal: AbortSignal },
): Promise<BackupSummary> {
  const key = await readKeyFile(config.keyFile);
  if (!key) throw new CommandError(`There is nothing to back up: no key in ${config.keyFile}.`);
  const partial = `${file}.partial`;
  const line = new TransferProgressLine();
  const liveSession = await CopySession.open(databaseUrl, 'plaza backup');
  try {
    const snapshot = new BackupSnapshot(target.session);
    const now = systemClock.nowSeconds();
    let done = 0;
    const summary = await target.session.transaction('snapshot', async () => {
      const { tableBytes, fileBytes } = await snapshot.sizes(now);
      const total = tableBytes + fileBytes;
      return makeBackup(createWriteStream(partial, { mode: OWNER_ONLY }), {
        snapshot,
        live: new BackupSnapshot(liveSession),
        blobs,
        key,
        passphrase,
        signal,
        now,
        crypto: selectCryptoBackend('sodium'),
        settings: settingsText({ withSecrets: passphrase !== undefined }),
        onBytes: (bytes) =>
          line.show({
            what: 'Writing',
            done: (done += bytes),
            total,
            unit: 'bytes',
          }),
      });
    });
    await syncAndRename(partial, file);
    await noteMade(snapshot, now);
    return summary;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    line.end();
    await liveSession.close();
  }
}

/** For metrics; the backup is as good without it. */
async function noteMade(snapshot: BackupSnapshot, at: number): Promise<void> {
  await snapshot.noteMade(at).catch((error: Error) => {
    process.stderr.write(`The backup is whole; its time could not be noted for metrics: ${error.message}\n`);
  });
}

async function syncAndRename(partial: string, file: string): Promise<void> {
  const handle = await open(partial, 'r');
  await handle.sync().finally(() => handle.close());
  await rename(partial, file);
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

/** Passwords of other services go along only where nobody else can read them. */
const settingsText = ({ withSecrets }: { withSecrets: boolean }): string =>
  setValues()
    .map(({ name, value, secret }) =>
      secret && !withSecrets
        ? `# ${name} was set; it is only in encrypted backups\n`
        : `${name}=${JSON.stringify(value)}\n`,
    )
    .join('');

async function verify(path: string, options: BackupCommandOptions): Promise<void> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  const line = new TransferProgressLine();
  let done = 0;
  const { manifest, summary } = await stoppable('', async (signal) =>
    verifyBackup({
      path,
      crypto: selectCryptoBackend('sodium'),
      passphrase: await passphraseOf(options),
      signal,
      onBytes: (bytes) => line.show({ what: 'Reading', done: (done += bytes), total: size, unit: 'bytes' }),
    }),
  ).finally(() => line.end());
  if (options.json) return printJson({ ...manifest, ...summary });
  printLine(`Whole: ${countsText(summary)}, of ${formatTime(manifest.createdAt)} UTC.`);
  printLine(`Key ${manifest.publicKey}`);
}

export const countsText = ({ tables, rows, files, fileBytes }: BackupSummary): string =>
  `${rows} rows in ${tables} tables, ${files} files (${formatBytes(fileBytes)})`;

/** Without the newline that editors put at its end. */
export async function passphraseOf({ passphraseFile }: BackupCommandOptions): Promise<string | undefined> {
  if (passphraseFile === undefined) return undefined;
  const passphrase = (await readNamedFile(passphraseFile)).toString().replace(/\r?\n$/, '');
  if (passphrase === '') throw new CommandError(`There is no passphrase in ${passphraseFile}.`);
  return passphrase;
}
