import { Argument, Option, type Command } from 'commander';
import type { RoleChange } from '../../../libs/community/moderators.service.js';
import { PermissionsService, type OverrideChange } from '../../../libs/community/permissions.service.js';
import { CommandUsageError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { knownSessionId } from './option-values.js';
import { printChange, printJson, printLine } from './output.js';
import { changeRole } from './role-change.js';
import { operatorAccesses, placesOf, requireScope, scoped, type Scope } from './scope-options.js';

/** Exactly that role, whatever it was. */
const ROLES: Readonly<Record<string, RoleChange>> = {
  none: { moderator: false },
  moderator: { admin: false, moderator: true },
  admin: { admin: true },
};

const PERMISSIONS = ['read', 'accessible', 'write', 'upload'] as const;
type Permission = (typeof PERMISSIONS)[number];
const CHOICES = ['yes', 'no', 'default'] as const;
type Choice = (typeof CHOICES)[number];
const MEANING: Readonly<Record<Choice, boolean | null>> = { yes: true, no: false, default: null };

interface RoleOptions extends Scope {
  json?: true;
}

interface PermitOptions extends Partial<Record<Permission, Choice>> {
  room: string[];
  json?: true;
}

/** What single people may do. */
export function rightsCommands(user: Command): void {
  scoped(user.command('set-role <session-id>'))
    .addArgument(new Argument('<role>', 'what they are from now on').choices(Object.keys(ROLES)))
    .description('make somebody a moderator or admin, or neither')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nWhether others see it is for plaza moderator add.' +
        '\n\nExamples:\n  plaza user set-role 05… moderator --room fish\n  plaza user set-role 05… none --global',
    )
    .action((id: string, role: string, scope: RoleOptions) =>
      withInstallation((at) => setRole(at, id, role, scope)),
    );
  const permit = user
    .command('permit <session-id>')
    .description('allow or forbid somebody something that differs from what everybody may in a room')
    .requiredOption('--room <tokens...>', 'in these rooms');
  for (const name of PERMISSIONS)
    permit.addOption(new Option(`--${name} <choice>`, `may ${PHRASES[name]}`).choices(CHOICES));
  permit
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nFor everybody at once: plaza room set TOKEN --no-write …' +
        '\n\nExamples:\n  plaza user permit 15… --room fish --upload no\n  plaza user permit 15… --room fish --upload default',
    )
    .action((id: string, options: PermitOptions) => withInstallation((at) => permitUser(at, id, options)));
}

const PHRASES: Readonly<Record<Permission, string>> = {
  read: 'read messages',
  accessible: 'see that the room exists',
  write: 'post messages',
  upload: 'upload files',
};

async function setRole(at: Installation, id: string, role: string, scope: RoleOptions): Promise<void> {
  const sessionId = knownSessionId(id);
  requireScope(scope);
  const roles = await changeRole(at, sessionId, scope, ROLES[role]!);
  const what = { none: 'without a role', moderator: 'a moderator', admin: 'an admin' }[role];
  printChange(scope, roles, `${id} is now ${what} ${placesOf(scope)}.`);
}

async function permitUser(
  at: Installation,
  id: string,
  { room, json, ...choices }: PermitOptions,
): Promise<void> {
  const sessionId = knownSessionId(id);
  const wanted = PERMISSIONS.filter((name) => choices[name] !== undefined);
  if (wanted.length === 0)
    throw new CommandUsageError('There is nothing to set. See plaza user permit --help.');
  const change: OverrideChange = Object.fromEntries(wanted.map((name) => [name, MEANING[choices[name]!]]));
  const now: Record<string, object> = {};
  for (const access of await operatorAccesses(at, room)) {
    const options = { change, unschedule: true };
    const after = await at.get(PermissionsService).change(at.operator, access, sessionId, options);
    now[access.room.token] = Object.fromEntries(PERMISSIONS.map((name) => [name, after[name]]));
  }
  if (json) return printJson(now);
  printLine(`Permissions of ${id} are changed ${placesOf({ room })}.`);
}
