import { Command } from 'commander';
import { resolve } from 'node:path';
import { merge } from '../../../libs/community/transfer/merge.js';
import { RoomArchive } from '../../../libs/community/transfer/rooms/room-archive.js';
import { announceEverything, foundServer } from './announce-everything.js';
import { archiveSeal } from './archive-seal.js';
import { configOrWarn } from './installation.js';
import { printJson, printLine } from './output.js';
import { stoppable, withBareInstallation, type BareInstallation } from './transfer-ends.js';
import { TransferProgressLine } from './transfer-progress.js';

interface RoomOptions {
  as?: string;
  trust?: true;
  json?: true;
}

const HELP = `
The archive is read and checked before anything is changed, and the room is there whole or not at all. Sequence numbers
stay, so members go on reading where they were; ids are moved if they are taken here. Roles, bans and activity come along
between servers with the same key only: people's ids are blinded for it. Such an archive bears a seal that only this key
makes, since its author can speak for your members and give out roles in the room. Take one without it (--trust) only if
you wrote it yourself and nobody else had it.

Example:
  plaza import room ./fish-archive --as aquarium`;

export function importRoomCommand(): Command {
  return new Command('room')
    .description('adds a room that plaza export room wrote')
    .argument('<folder>', 'the archive')
    .option('--as <token>', 'give the room another token')
    .option('--trust', 'take one that claims to be of this server, but does not bear its seal')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action(importRoom);
}

async function importRoom(folder: string, options: RoomOptions): Promise<void> {
  const line = new TransferProgressLine();
  const config = configOrWarn();
  const archive = await RoomArchive.open(resolve(folder), {
    token: options.as,
    seal: await archiveSeal(config),
    isTrusted: options.trust,
  });
  const report = await stoppable('Nothing was changed.', (signal) =>
    withBareInstallation(config, (at) => add(at, archive, { line, signal }), { mayBegin: true }),
  ).finally(() => line.end());
  const [token] = archive.arrivals.tokens;
  if (options.json) return printJson({ token, ...report });
  printLine(`${token} is here: ${report.rows['messages']} messages, ${report.rows['files']} files.`);
  if (Object.keys(report.moved).length > 0) printLine(`New ids in ${Object.keys(report.moved).join(', ')}.`);
  if (report.leftOut.length > 0)
    printLine(
      `It comes from a server with another key, so these were left out: ${report.leftOut.join(', ')}.`,
    );
}

async function add(
  at: BareInstallation,
  { arrivals }: RoomArchive,
  { line, signal }: { line: TransferProgressLine; signal: AbortSignal },
) {
  if (!at.isRunning) await foundServer(at);
  const merged = await merge({
    target: at.target,
    blobs: at.blobs,
    arrivals,
    signal,
    onProgress: ({ phase, done, total }) =>
      line.show({ what: 'Adding', done, total, unit: phase === 'files' ? 'files' : 'rows' }),
  });
  await announceEverything(at);
  return merged;
}
