import { Command } from 'commander';
import { BansService } from '../../../libs/community/bans.service.js';
import { PeopleService } from '../../../libs/community/people.service.js';
import { banListOptions, showBans, type BanListOptions } from './ban-table.js';
import { withInstallation, type Installation } from './installation.js';
import { knownSessionId, parseDeadline } from './option-values.js';
import { formatTime, printChange } from './output.js';
import { scopeOf } from './role-change.js';
import { operatorAccesses, placesOf, requireScope, scoped, type Scope } from './scope-options.js';

/** For ever, as BansService says it. */
const FOR_EVER = 0;

interface AddOptions extends Scope {
  until?: number;
  reason?: string;
  json?: true;
}

export function banCommand(): Command {
  const ban = new Command('ban').description('who may not come in any more');
  scoped(ban.command('add <session-id>'))
    .description('ban somebody; a ban that is there is replaced')
    .option('--until <when>', '30m, 12h, 7d from now, or a date; for ever if left out', parseDeadline)
    .option('--reason <text>', 'for the moderation log')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nIn a room, a moderator loses that role. What they posted stays: plaza user delete-posts.' +
        '\n\nExamples:\n  plaza ban add 15… --room fish --until 7d --reason "spam"\n  plaza ban add 05… --global',
    )
    .action((id: string, options: AddOptions) => withInstallation((at) => addBan(at, id, options)));
  scoped(ban.command('lift <session-id>'))
    .description('let somebody in again; roles do not come back')
    .option('--reason <text>', 'for the moderation log')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza ban lift 15… --room fish')
    .action((id: string, options: AddOptions) => withInstallation((at) => liftBan(at, id, options)));
  banListOptions(ban.command('list'))
    .description('who is banned where, until when, by whom and why; newest first')
    .addHelpText('after', '\nExamples:\n  plaza ban list\n  plaza ban list --room fish --json')
    .action((options: BanListOptions) => withInstallation((at) => showBans(at, 'ban', options)));
  return ban;
}

async function addBan(at: Installation, id: string, options: AddOptions): Promise<void> {
  const sessionId = knownSessionId(id);
  requireScope(options);
  const { until, reason } = options;
  const seconds = until === undefined ? FOR_EVER : Math.max(1, until - Date.now() / 1000);
  const actor = { ...at.operator, reason };
  const isKnown = (await at.get(PeopleService).known(sessionId)) !== undefined;
  const bans = at.get(BansService);
  if (options.global) await bans.banGlobally(actor, sessionId, seconds);
  else await bans.banInRooms(actor, await operatorAccesses(at, options.room!), sessionId, seconds);
  const end = until === undefined ? '' : ` until ${formatTime(until)} UTC`;
  const now = { sessionId, places: options.global ? [null] : options.room, until: until ?? null };
  const unknown = isKnown ? '' : ' (never here yet)';
  printChange(options, now, `${id}${unknown} is banned ${placesOf(options)}${end}.`);
}

async function liftBan(at: Installation, id: string, options: AddOptions): Promise<void> {
  const sessionId = knownSessionId(id);
  requireScope(options);
  const actor = { ...at.operator, reason: options.reason };
  const bans = at.get(BansService);
  const lifted: (string | null)[] = options.global
    ? (await bans.unbanGlobally(actor, sessionId))
      ? [null]
      : []
    : await bans.unbanInRooms(actor, await operatorAccesses(at, options.room!), sessionId);
  const where = placesOf(lifted.length > 0 ? scopeOf(lifted.map((room) => ({ room }))) : options);
  const was = lifted.length > 0 ? `The ban of ${id} is lifted` : `There was no ban of ${id}`;
  printChange(options, { sessionId, lifted }, `${was} ${where}.`);
}
