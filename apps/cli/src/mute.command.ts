import { Command } from 'commander';
import { MutesService } from '../../../libs/community/mutes.service.js';
import { banListOptions, showBans, type BanListOptions } from './ban-table.js';
import { withInstallation, type Installation } from './installation.js';
import { knownSessionId, parseDeadline } from './option-values.js';
import { formatTime, printLine } from './output.js';
import { operatorAccesses, placesOf } from './scope-options.js';

interface MuteOptions {
  room: string[];
  until?: number;
  reason?: string;
}

export function muteCommand(): Command {
  const mute = new Command('mute').description('who may read in a room, but not write');
  mute
    .command('add <session-id>')
    .description('take the right to write away; a mute that is there is replaced')
    .requiredOption('--room <tokens...>', 'in these rooms')
    .option(
      '--until <when>',
      '30m, 12h, 7d from now, or a date; until it is lifted if left out',
      parseDeadline,
    )
    .option('--reason <text>', 'for the moderation log')
    .addHelpText('after', '\nExample:\n  plaza mute add 15… --room fish --until 12h --reason "off topic"')
    .action((id: string, options: MuteOptions) => withInstallation((at) => addMute(at, id, options)));
  mute
    .command('lift <session-id>')
    .description('let somebody write again')
    .requiredOption('--room <tokens...>', 'in these rooms')
    .option('--reason <text>', 'for the moderation log')
    .addHelpText('after', '\nExample:\n  plaza mute lift 15… --room fish')
    .action((id: string, options: MuteOptions) => withInstallation((at) => liftMute(at, id, options)));
  banListOptions(mute.command('list'))
    .description('who may not write where, until when, by whom and why; newest first')
    .addHelpText('after', '\nExample:\n  plaza mute list --room fish')
    .action((options: BanListOptions) => withInstallation((at) => showBans(at, 'mute', options)));
  return mute;
}

async function addMute(at: Installation, id: string, { room, until, reason }: MuteOptions): Promise<void> {
  const sessionId = knownSessionId(id);
  const seconds = until === undefined ? undefined : Math.max(1, until - Date.now() / 1000);
  for (const access of await operatorAccesses(at, room))
    await at.get(MutesService).mute({ ...at.operator, reason }, access, sessionId, seconds);
  const end = until === undefined ? '' : ` until ${formatTime(until)} UTC`;
  printLine(`${id} is muted ${placesOf({ room })}${end}.`);
}

async function liftMute(at: Installation, id: string, { room, reason }: MuteOptions): Promise<void> {
  const sessionId = knownSessionId(id);
  for (const access of await operatorAccesses(at, room))
    await at.get(MutesService).lift({ ...at.operator, reason }, access, sessionId);
  printLine(`${id} may write ${placesOf({ room })}.`);
}
