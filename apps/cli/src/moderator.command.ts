import { Command, Option } from 'commander';
import { ModeratorsService, type RoleChange } from '../../../libs/community/moderators.service.js';
import { RoomsService } from '../../../libs/community/rooms.service.js';
import type { SessionId } from '../../../libs/protocol/ids.js';
import { withInstallation, type Installation } from './installation.js';
import { knownSessionId } from './option-values.js';
import { printChange, printJson, printTable } from './output.js';
import { changeRole, scopeOf, type RoleOutcome } from './role-change.js';
import { placesOf, requireScope, scoped, type Scope } from './scope-options.js';

interface AddOptions extends Scope {
  admin?: true;
  visible?: true;
  hidden?: true;
  json?: true;
}

interface RemoveOptions extends Scope {
  json?: true;
}

interface ListedModerator {
  sessionId: SessionId;
  /** A token, or null for the whole server. */
  room: string | null;
  role: 'admin' | 'moderator';
  visible: boolean;
}

export function moderatorCommand(): Command {
  const moderator = new Command('moderator').description('who moderates rooms, or the whole server');
  scoped(moderator.command('add <session-id>'))
    .description('appoint a moderator or admin')
    .option('--admin', 'admin instead of moderator')
    .addOption(new Option('--visible', 'listed for everybody (default in a room)').conflicts('hidden'))
    .addOption(new Option('--hidden', 'listed for moderators only (default with --global)'))
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nA Session ID (05…) works before its owner was ever here; a blinded one (15…) too.\n' +
        '\nExamples:\n  plaza moderator add 05… --global --admin\n  plaza moderator add 05… --room fish --room birds --hidden',
    )
    .action((id: string, options: AddOptions) => withInstallation((at) => addModerator(at, id, options)));
  scoped(moderator.command('remove <session-id>'))
    .description('take moderator and admin rights away')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza moderator remove 05… --room fish')
    .action((id: string, options: RemoveOptions) =>
      withInstallation((at) => removeModerator(at, id, options)),
    );
  moderator
    .command('list')
    .description('all moderators and admins, hidden ones too')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza moderator list --json')
    .action((options: { json?: true }) => withInstallation((at) => listModerators(at, options)));
  return moderator;
}

async function addModerator(at: Installation, id: string, options: AddOptions): Promise<void> {
  requireScope(options);
  const visible = options.visible ? true : options.hidden ? false : undefined;
  const change: RoleChange = options.admin ? { admin: true, visible } : { moderator: true, visible };
  const roles = await changeRole(at, knownSessionId(id), options, change);
  const admins = roles.filter(({ role }) => role === 'admin');
  const [raised, stayed] = options.admin ? [admins, []] : [roles.filter(isModerator), admins];
  const sentences = [
    raised.length > 0 &&
      `${id} is now ${options.admin ? 'an admin' : 'a moderator'} ${placesOf(scopeOf(raised))}.`,
    stayed.length > 0 &&
      `${id} stays an admin ${placesOf(scopeOf(stayed))}. To make them a moderator: plaza user set-role ID moderator`,
  ];
  printChange(options, roles, sentences.filter(Boolean).join('\n'));
}

const isModerator = ({ role }: RoleOutcome): boolean => role === 'moderator';

async function removeModerator(at: Installation, id: string, options: RemoveOptions): Promise<void> {
  requireScope(options);
  const roles = await changeRole(at, knownSessionId(id), options, { moderator: false });
  const had = roles.some(({ was }) => was !== null);
  printChange(options, roles, `${id} ${had ? 'has no role any more' : 'had no role'} ${placesOf(options)}.`);
}

async function listModerators({ get }: Installation, { json }: { json?: true }): Promise<void> {
  const listed = await moderatorsOf(get);
  if (json) return printJson(listed);
  const rows = listed.map(({ sessionId, room, role, visible }) => [
    sessionId,
    room ?? '(whole server)',
    role,
    visible,
  ]);
  printTable(
    ['session id', 'where', 'role', 'visible'],
    rows,
    'There are no moderators yet. See: plaza moderator add --help',
  );
}

async function moderatorsOf(get: Installation['get']): Promise<ListedModerator[]> {
  const rooms = await get(RoomsService).all();
  const tokens = new Map(rooms.map(({ id, token }) => [id, token]));
  const service = get(ModeratorsService);
  const [global, ofRooms] = await Promise.all([
    service.globalModerators(),
    service.roomModerators([...tokens.keys()]),
  ]);
  const listed = (
    person: { sessionId: SessionId; admin: boolean; visible: boolean },
    room: string | null,
  ): ListedModerator => ({
    sessionId: person.sessionId,
    room,
    role: person.admin ? 'admin' : 'moderator',
    visible: person.visible,
  });
  return [
    ...global.map((person) => listed(person, null)),
    ...ofRooms.map((person) => listed(person, tokens.get(person.roomId) ?? null)),
  ];
}
