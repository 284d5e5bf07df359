import { Command } from 'commander';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  verifyBackup,
  type BackupFile,
  type VerifiedBackup,
} from '../../../libs/community/backup/read-backup.js';
import { refuseFilled, restoreBackup } from '../../../libs/community/backup/restore-backup.js';
import type { Config } from '../../../libs/config/config.js';
import { makeKeyFile, readKeyFile } from '../../../libs/config/key-file.js';
import { selectCryptoBackend } from '../../../libs/crypto/select-backend.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { makeDataFolder } from '../../../libs/storage/data-folder.js';
import { MIGRATIONS_FOLDER } from '../../../libs/storage/database-server.js';
import { migrate } from '../../../libs/storage/migrations.js';
import { CopySession } from '../../../libs/storage/transfer/copy-session.js';
import { countsText, passphraseOf } from './backup.command.js';
import { CommandError } from './command-error.js';
import { configOrWarn } from './installation.js';
import { printJson, printLine } from './output.js';
import { stoppable, withBareInstallation, type BareInstallation } from './transfer-ends.js';
import { TransferProgressLine } from './transfer-progress.js';

const SETTINGS = 'restored-settings.env';

interface RestoreCommandOptions {
  passphraseFile?: string;
  json?: true;
}

const HELP = `
All of the backup is read and checked before anything is touched. The installation of the settings (DATA_DIR,
DATABASE_URL, FILES_URL, KEY_FILE) has to be empty: one on which no server has started yet. The settings of the backup
are written to DATA_DIR/${SETTINGS}, for you to take over what still holds.

Example:
  DATA_DIR=/srv/plaza plaza restore /var/backups/plaza/plaza-2026-11-24T030000Z.plaza-backup`;

export function restoreCommand(): Command {
  return new Command('restore')
    .description('fills an empty installation from a backup')
    .argument('<file>', 'a backup')
    .option('--passphrase-file <file>', 'for one that is encrypted')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(restore);
}

async function restore(path: string, options: RestoreCommandOptions): Promise<void> {
  const config = configOrWarn();
  const passphrase = await passphraseOf(options);
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  const line = new TransferProgressLine();
  const fileOf = (what: string, signal: AbortSignal): BackupFile => {
    let done = 0;
    const onBytes = (bytes: number): void =>
      line.show({ what, done: (done += bytes), total: size, unit: 'bytes' });
    return { path, passphrase, crypto: selectCryptoBackend('sodium'), signal, onBytes };
  };
  const verified = await stoppable(
    'The installation is as empty as before; run the same again.',
    async (signal) => {
      const found = await verifyBackup(fileOf('Checking', signal));
      await makeDataFolder(config.dataDir);
      await withBareInstallation(config, (at) => fill(at, fileOf('Restoring', signal), found), {
        mayBegin: true,
        prepare: (databaseUrl) => shape(databaseUrl, found.manifest.migrations),
      });
      return found;
    },
  ).finally(() => line.end());
  if (options.json) return printJson({ ...verified.manifest, ...verified.summary });
  printLine(`Restored ${countsText(verified.summary)}.`);
  printLine(`Its settings are in ${join(config.dataDir, SETTINGS)}.`);
}

/** The tables become what they were when the backup was made. */
async function shape(databaseUrl: string, migrations: readonly string[]): Promise<void> {
  const session = await CopySession.open(databaseUrl, 'plaza restore');
  await refuseFilled(session).finally(() => session.close());
  await migrate(databaseUrl, MIGRATIONS_FOLDER, { only: migrations });
}

async function fill(at: BareInstallation, file: BackupFile, verified: VerifiedBackup): Promise<void> {
  const { config, target, blobs, databaseUrl } = at;
  await restoreBackup({
    file,
    verified,
    session: target.session,
    blobs,
    now: systemClock.nowSeconds(),
    placeKey: (key) => placeKey(config, key),
    placeSettings: (text) => writeFile(join(config.dataDir, SETTINGS), text, { mode: 0o600 }),
  });
  await migrate(databaseUrl, MIGRATIONS_FOLDER); // what came after the backup
  await target.analyze();
}

async function placeKey({ keyFile }: Config, key: Buffer): Promise<void> {
  const found = (await readKeyFile(keyFile)) ?? (await makeKeyFile(keyFile, key));
  if (!selectCryptoBackend('sodium').constantTimeEqual(found, key))
    throw new CommandError(`There is another key in ${keyFile} already. Move it away if nobody needs it.`);
}
