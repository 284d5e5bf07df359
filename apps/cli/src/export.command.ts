import { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ARCHIVE } from '../../../libs/community/transfer/rooms/archive-lines.js';
import { exportRoom, type RoomExportReport } from '../../../libs/community/transfer/rooms/export-room.js';
import { systemClock } from '../../../libs/protocol/clock.js';
import { CommandError } from './command-error.js';
import { archiveSeal } from './archive-seal.js';
import { configOrWarn } from './installation.js';
import { printJson, printLine } from './output.js';
import { stoppable, withBareInstallation } from './transfer-ends.js';
import { TransferProgressLine } from './transfer-progress.js';

interface RoomOptions {
  to?: string;
  yes?: true;
  json?: true;
}

const HELP = `
The folder gets room.jsonl, a line of JSON for every row (bytes in base64), and the room's files in files/. It is as
secret as the room. plaza import room takes it, here or elsewhere.

Example:
  plaza export room fish --to ./fish-archive`;

export function exportCommand(): Command {
  const program = new Command('export').description('writes out a room, for archives or to move it');
  program
    .command('room')
    .description('with its messages, reactions, files, roles and bans')
    .argument('<token>', 'which room')
    .option('--to <folder>', 'where to (default: a folder called like the room)')
    .option('--yes', 'replace an archive that is there')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(exportOne);
  return program;
}

async function exportOne(token: string, options: RoomOptions): Promise<void> {
  const folder = resolve(options.to ?? token);
  if (!options.yes && existsSync(join(folder, ARCHIVE)))
    throw new CommandError(
      `There is an archive in ${folder} already. Name another folder, or replace it with --yes.`,
    );
  const line = new TransferProgressLine();
  const config = configOrWarn();
  const report = await stoppable('The archive is not complete.', (signal) =>
    withBareInstallation(config, ({ target, blobs }) =>
      target.session.transaction('snapshot', async () => {
        const [state, room] = [await target.state(), await target.findRoom(token)];
        if (!state || !room) throw new CommandError(`There is no room ${token}.`);
        let done = 0;
        return exportRoom({
          from: target,
          blobs,
          roomId: room.id,
          folder,
          seal: await archiveSeal(config),
          signal,
          head: {
            publicKey: state.publicKey,
            token: room.token,
            exportedAt: systemClock.nowSeconds(),
          },
          onRows: (rows) =>
            line.show({
              what: 'Writing',
              done: (done += rows),
              unit: 'rows',
            }),
        });
      }),
    ),
  ).finally(() => line.end());
  if (options.json) return printJson({ folder, ...report });
  printLine(summaryOf(report, folder));
}

function summaryOf({ rows, lostFiles }: RoomExportReport, folder: string): string {
  const lost = lostFiles.length === 0 ? '' : ` ${lostFiles.length} files were not in the file store.`;
  return `${folder}: ${rows['messages']} messages, ${rows['files']} files.${lost}`;
}
