import { Command } from 'commander';
import { MutesService } from '../../../libs/community/mutes.service.js';
import { banListOptions, showBans, type BanListOptions } from './ban-table.js';
import { withInstallation, type Installation } from './installation.js';
import { knownSessionId, parseDeadline } from './option-values.js';
import { formatTime, printChange } from './output.js';
import { operatorAccesses, placesOf } from './scope-options.js';

interface MuteOptions {
  room: string[];
  until?: number;
  reason?: string;
  json?: true;
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
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza mute add 15… --room fish --until 12h --reason "off topic"')
    .action((id: string, options: MuteOptions) => withInstallation((at) => addMute(at, id, options)));
  mute
    .command('lift <session-id>')
    .description('let somebody write again')
    .requiredOption('--room <tokens...>', 'in these rooms')
    .option('--reason <text>', 'for the moderation log')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza mute lift 15… --room fish')
    .action((id: string, options: MuteOptions) => withInstallation((at) => liftMute(at, id, options)));
  banListOptions(mute.command('list'))
    .description('who may not write where, until when, by whom and why; newest first')
    .addHelpText('after', '\nExample:\n  plaza mute list --room fish')
    .action((options: BanListOptions) => withInstallation((at) => showBans(at, 'mute', options)));
  return mute;
}

async function addMute(
  at: Installation,
  id: string,
  { room, until, reason, json }: MuteOptions,
): Promise<void> {
  const sessionId = knownSessionId(id);
  const seconds = until === undefined ? undefined : Math.max(1, until - Date.now() / 1000);
  for (const access of await operatorAccesses(at, room))
    await at.get(MutesService).mute({ ...at.operator, reason }, access, sessionId, seconds);
  const end = until === undefined ? '' : ` until ${formatTime(until)} UTC`;
  const now = { sessionId, places: room, until: until ?? null };
  printChange({ json }, now, `${id} is muted ${placesOf({ room })}${end}.`);
}

async function liftMute(at: Installation, id: string, { room, reason, json }: MuteOptions): Promise<void> {
  const sessionId = knownSessionId(id);
  const lifted: string[] = [];
  for (const access of await operatorAccesses(at, room))
    if (await at.get(MutesService).lift({ ...at.operator, reason }, access, sessionId))
      lifted.push(access.room.token);
  const was = lifted.length > 0 ? `The mute of ${id} is lifted` : `There was no mute of ${id}`;
  printChange(
    { json },
    { sessionId, lifted },
    `${was} ${placesOf({ room: lifted.length > 0 ? lifted : room })}.`,
  );
}
