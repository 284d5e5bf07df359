import { Command, Option } from 'commander';
import {
  AdminTokensService,
  type AdminTokenRecord,
} from '../../../libs/community/admin/admin-tokens.service.js';
import { ADMIN_ROLES, type AdminRole } from '../../../libs/community/admin/principal.js';
import { CommandError } from './command-error.js';
import { withInstallation, type Installation } from './installation.js';
import { parseDeadline } from './option-values.js';
import { formatTime, printChange, printJson, printLine, printTable } from './output.js';
import { knownToken } from './room.command.js';

interface CreateOptions {
  name: string;
  role: AdminRole;
  room?: string[];
  expires?: number;
  json?: true;
}

const LISTED_MAX = 1_000;

export function tokenCommand(): Command {
  const token = new Command('token').description('who may use the admin API and the console with a token');
  token
    .command('create')
    .description('make a token; it is shown this once')
    .requiredOption('--name <name>', 'who or what it is for; the moderation log tells it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ADMIN_ROLES).makeOptionMandatory())
    .option('--room <tokens...>', 'in these rooms only')
    .option('--expires <when>', '30m, 12h, 90d from now, or a date', parseDeadline)
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nA viewer reads, a moderator also deletes and bans, an admin also changes rooms and roles.' +
        '\n\nExamples:\n  plaza token create --name "Ada" --role admin' +
        '\n  plaza token create --name "spam bot" --role moderator --room fish birds --expires 90d',
    )
    .action((options: CreateOptions) => withInstallation((at) => createToken(at, options)));
  token
    .command('list')
    .description('all tokens, without their secrets')
    .option('--json', 'for programs')
    .action((options: { json?: true }) => withInstallation((at) => listTokens(at, options)));
  token
    .command('revoke <name-or-id>')
    .description('make a token worthless from this moment on')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza token revoke "spam bot"')
    .action((which: string, options: { json?: true }) =>
      withInstallation((at) => revokeToken(at, which, options)),
    );
  return token;
}

async function createToken({ get, operator }: Installation, options: CreateOptions): Promise<void> {
  const { name, role, room, expires, json } = options;
  const rooms = room?.map(knownToken);
  const created = await get(AdminTokensService).create(operator, { name, role, rooms, expiresAt: expires });
  if (!created) throw new CommandError(`There is a token "${name}" already. See: plaza token list`);
  if (json) return printJson({ token: created.token, ...shown(created.record) });
  printLine(created.token);
  process.stderr.write(
    'Keep it well: it is not shown again. Open /admin with it, or send it as a Bearer token.\n',
  );
}

async function listTokens({ get }: Installation, { json }: { json?: true }): Promise<void> {
  const tokens = await get(AdminTokensService).list({ limit: LISTED_MAX });
  if (json) return printJson(tokens.map(shown));
  const time = (at: number | null): string | null => (at === null ? null : formatTime(at));
  printTable(
    ['id', 'name', 'role', 'rooms', 'state', 'created (UTC)', 'expires (UTC)', 'last used (UTC)'],
    tokens.map((token) => [
      token.id,
      token.name,
      token.role,
      token.everywhere ? 'all' : token.rooms.map((room) => room.token).join(', '),
      stateOf(token),
      formatTime(token.createdAt),
      time(token.expiresAt),
      time(token.lastUsedAt),
    ]),
    'There are no tokens. Make one: plaza token create --name … --role admin',
  );
}

async function revokeToken(
  { get, operator }: Installation,
  which: string,
  options: { json?: true },
): Promise<void> {
  const tokens = get(AdminTokensService);
  const working = (await tokens.list({ limit: LISTED_MAX })).filter(({ revokedAt }) => revokedAt === null);
  const found = working.find(({ name }) => name === which) ?? working.find(({ id }) => String(id) === which);
  if (!found || !(await tokens.revoke(operator, found.id)))
    throw new CommandError(`There is no token "${which}" that could be revoked. See: plaza token list`);
  const { id, name } = found;
  printChange(options, { id, name, revoked: true }, `Token "${name}" is revoked.`);
}

function stateOf({ revokedAt, expiresAt }: AdminTokenRecord): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= Date.now() / 1000 ? 'expired' : 'works';
}

function shown(token: AdminTokenRecord): Record<string, unknown> {
  const { id, publicId, name, role, everywhere, rooms, createdAt, expiresAt, lastUsedAt, revokedAt } = token;
  const scope = everywhere ? null : rooms.map((room) => room.token);
  return { id, publicId, name, role, rooms: scope, createdAt, expiresAt, lastUsedAt, revokedAt };
}
