import { Option, type Command } from 'commander';
import {
  DirectoryService,
  type UserListRecord,
  type UserRoomRecord,
} from '../../../libs/community/admin/directory.service.js';
import { BanListService, type BanRecord } from '../../../libs/community/admin/ban-list.service.js';
import { CommandError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { knownSessionId, parseCount } from './option-values.js';
import { firstOf, formatTime, printFields, printJson, printLine, printTable } from './output.js';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 200_000;
const BANS_MAX = 1_000;

interface ListOptions {
  prefix?: string;
  role?: 'moderator' | 'admin';
  banned?: true;
  limit: number;
  json?: true;
}

/** Looking people up. */
export function directoryCommands(user: Command): void {
  user
    .command('list')
    .description('whom the server knows, newest first')
    .option('--prefix <id>', 'only those whose id begins so')
    .addOption(
      new Option('--role <role>', 'only with this role or more, anywhere').choices(['moderator', 'admin']),
    )
    .option('--banned', 'only those who are banned, anywhere')
    .option('--limit <n>', 'at most', parseCount(1, LIMIT_MAX), LIMIT_DEFAULT)
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  plaza user list --prefix 15a0\n  plaza user list --banned --json')
    .action((options: ListOptions) => withInstallation((at) => listUsers(at, options)));
  user
    .command('show <session-id>')
    .description('one person: roles, bans, and the rooms where they left traces')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nA Session ID (05…) means whoever that is here.\n\nExample:\n  plaza user show 05…',
    )
    .action((id: string, options: { json?: true }) => withInstallation((at) => showUser(at, id, options)));
}

async function listUsers({ get }: Installation, options: ListOptions): Promise<void> {
  const { prefix, role, banned, limit, json } = options;
  const wish = { prefix: prefix?.toLowerCase(), role, banned, limit: limit + 1 };
  const users = firstOf(await get(DirectoryService).list(wish), limit);
  if (json) return printJson(users.map(userObject));
  printTable(
    ['session id', 'role', 'banned', 'first seen (UTC)', 'last active (UTC)'],
    users.map((user) => [
      user.sessionId,
      roleOf(user),
      user.banned,
      formatTime(user.firstSeenAt),
      user.lastActiveAt === null ? 'never here' : formatTime(user.lastActiveAt),
    ]),
    'There is nobody.',
  );
}

async function showUser({ get }: Installation, id: string, { json }: { json?: true }): Promise<void> {
  const directory = get(DirectoryService);
  const user = await directory.find(knownSessionId(id));
  if (!user) throw new CommandError(`${id} was never here, and nobody has named them.`);
  const rooms = await directory.roomsOf(user.userId, undefined);
  const bans = await get(BanListService).list({ userId: user.userId, withServer: true, limit: BANS_MAX });
  if (json)
    return printJson({
      ...userObject(user),
      rooms: rooms.map(({ roomId: _roomId, token, ...rest }) => ({ room: token, ...rest })),
      bans: bans.map(({ kind, room, until, reason }) => ({ kind, room, until, reason })),
    });
  printFields({
    'session id': user.sessionId,
    'role on the server': roleOf(user),
    'first seen (UTC)': formatTime(user.firstSeenAt),
    'last active (UTC)': user.lastActiveAt === null ? 'never here' : formatTime(user.lastActiveAt),
  });
  for (const ban of bans) printLine(sentenceOf(ban));
  printLine('');
  printTable(
    ['room', 'posts', 'role', 'banned', 'permissions', 'last active (UTC)'],
    rooms.map((room) => [
      room.token,
      room.posts,
      roleOf(room),
      room.banned,
      permissionsOf(room),
      room.lastActiveAt === null ? null : formatTime(room.lastActiveAt),
    ]),
    'They left no traces in any room.',
  );
}

function sentenceOf({ kind, room, until, reason }: BanRecord): string {
  const what = kind === 'ban' ? 'Banned' : 'Muted';
  const where = room === null ? 'on the whole server' : `in "${room}"`;
  const end = until === null ? '' : ` until ${formatTime(until)} UTC`;
  return `${what} ${where}${end}${reason === null ? '' : `: ${reason}`}`;
}

const roleOf = ({ moderator, admin }: Pick<UserListRecord | UserRoomRecord, 'moderator' | 'admin'>) =>
  admin ? 'admin' : moderator ? 'moderator' : null;

/** `no write, upload`: what is other than the room has it. */
const permissionsOf = (room: UserRoomRecord): string | null =>
  (['read', 'write', 'upload'] as const)
    .filter((right) => room[right] !== null)
    .map((right) => (room[right] ? right : `no ${right}`))
    .join(', ') || null;

function userObject(user: UserListRecord): Record<string, unknown> {
  const { sessionId, firstSeenAt, lastActiveAt, banned } = user;
  return { sessionId, role: roleOf(user), banned, firstSeenAt, lastActiveAt };
}
