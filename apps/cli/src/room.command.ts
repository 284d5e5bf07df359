import { Command, InvalidArgumentError, Option } from 'commander';
import { RETIRED_PER_SECOND } from '../../../libs/community/housekeeping.service.js';
import { RoomsService, type RoomSettings } from '../../../libs/community/rooms.service.js';
import { joinLink, publicOrigin } from '../../../libs/community/join-link.js';
import { parseRoomToken, type RoomToken } from '../../../libs/protocol/ids.js';
import type { RoomOverview } from '../../../libs/storage/room-overviews.repository.js';
import { CommandError, CommandUsageError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { withInstallation, type Installation } from './installation.js';
import { counted } from '../../../libs/protocol/counted.js';
import { formatTime, printChange, printFields, printJson, printLine, printTable } from './output.js';

const DEFAULTS = ['read', 'accessible', 'write', 'upload'] as const;
type DefaultName = (typeof DEFAULTS)[number];

type Defaults = Partial<Record<DefaultName, boolean>>;

interface CreateOptions extends Defaults {
  name: string;
  description?: string;
  json?: true;
}

interface SetOptions extends Defaults {
  name?: string;
  description?: string;
  retentionDays?: number | 'off';
  yes?: true;
  json?: true;
}

export function roomCommand(): Command {
  const room = new Command('room').description('rooms of this community');
  defaultOptions(room.command('create <token>'))
    .description('open a room')
    .requiredOption('--name <name>', 'name that members see')
    .option('--description <text>', 'what the room is about (\\n is a line break)')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nExamples:\n  plaza room create fish --name "Fish" --description "All about fish"' +
        '\n  plaza room create team --name "Team" --no-read --no-accessible',
    )
    .action((token: string, options: CreateOptions) =>
      withInstallation((at) => createRoom(at, token, options), { mayBegin: true }),
    );
  room
    .command('list')
    .description('all rooms, hidden ones too')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza room list --json')
    .action((options: { json?: true }) => withInstallation((at) => listRooms(at, options)));
  room
    .command('show <token>')
    .description('one room with its settings and join link')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza room show fish')
    .action((token: string, options: { json?: true }) =>
      withInstallation((at) => showRoom(at, token, options)),
    );
  roomSetCommand(room);
  room
    .command('delete <token>')
    .description('remove a room with all its messages and files')
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExample:\n  plaza room delete fish --yes')
    .action((token: string, options: { yes?: true; json?: true }) =>
      withInstallation((at) => deleteRoom(at, token, options)),
    );
  return room;
}

function defaultOptions(command: Command): Command {
  for (const name of DEFAULTS) {
    command.addOption(new Option(`--${name}`, `everybody may ${PHRASES[name]}`));
    command.addOption(
      new Option(`--no-${name}`, `only those with a permission of their own may ${PHRASES[name]}`),
    );
  }
  return command;
}

function roomSetCommand(room: Command): void {
  defaultOptions(room.command('set <token>'))
    .description('change name, description or what everybody may do')
    .option('--name <name>', 'name that members see')
    .option('--description <text>', 'what the room is about; empty removes it (\\n is a line break)')
    .option('--retention-days <days>', 'delete messages that are older; off keeps them', retentionOf)
    .option('--yes', 'do not ask before messages are deleted')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nExamples:\n  plaza room set fish --name "Fishing"\n  plaza room set news --no-write --no-upload' +
        '\n  plaza room set fish --retention-days 30',
    )
    .action((token: string, options: SetOptions) => withInstallation((at) => setRoom(at, token, options)));
}

const PHRASES: Record<DefaultName, string> = {
  read: 'read messages',
  accessible: 'see that the room exists',
  write: 'post messages',
  upload: 'upload files',
};

function retentionOf(text: string): number | 'off' {
  if (text === 'off') return text;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a number of days from 1, or off.');
  return Number(text);
}

const lineBreaks = (text: string): string => text.replaceAll('\\n', '\n');

async function createRoom(
  at: Installation,
  token: string,
  { name, description, json, ...defaults }: CreateOptions,
): Promise<void> {
  const about = description === undefined ? undefined : lineBreaks(description);
  const rooms = at.get(RoomsService);
  const room = await rooms.create(at.operator, { token, name, description: about, ...settingsOf(defaults) });
  if (!room) throw new CommandError(`There is a room "${token}" already (tokens are compared without case).`);
  const link = linkOf(at, room.token);
  printChange({ json }, { ...overviewOf(await rooms.overviews(), room.token), joinLink: link }, link);
}

const linkOf = ({ config, identity }: Installation, token: RoomToken): string =>
  joinLink(publicOrigin(config, config.port), token, identity.keys.publicKeyHex);

const settingsOf = ({ read, accessible, write, upload }: Defaults) => ({
  ...(read !== undefined && { defaultRead: read }),
  ...(accessible !== undefined && { defaultAccessible: accessible }),
  ...(write !== undefined && { defaultWrite: write }),
  ...(upload !== undefined && { defaultUpload: upload }),
});

async function listRooms({ get }: Installation, { json }: { json?: true }): Promise<void> {
  const rooms = await get(RoomsService).overviews();
  if (json) return printJson(rooms);
  const rows = rooms.map((room) => [
    room.token,
    room.name,
    room.messages,
    room.activeUsers,
    room.files,
    defaultsOf(room),
    formatTime(room.createdAt),
  ]);
  const columns = ['token', 'name', 'messages', 'active', 'files', 'defaults', 'created (UTC)'];
  printTable(columns, rows, 'There is no room yet. Make one: plaza room create TOKEN --name "Name"');
}

async function showRoom(at: Installation, token: string, { json }: { json?: true }): Promise<void> {
  const room = overviewOf(await at.get(RoomsService).overviews(), token);
  const link = linkOf(at, room.token);
  if (json) return printJson({ ...room, joinLink: link });
  printFields({
    token: room.token,
    name: room.name,
    description: room.description,
    'join link': link,
    'created (UTC)': formatTime(room.createdAt),
    messages: room.messages,
    files: room.files,
    'active users': room.activeUsers,
    'messages are kept': room.retentionDays === null ? 'for ever' : counted(room.retentionDays, 'day'),
    'everybody may': defaultsOf(room),
    'sequence number': room.messageSequence,
    'info updates': room.infoUpdates,
  });
}

async function setRoom(at: Installation, token: string, options: SetOptions): Promise<void> {
  const settings: RoomSettings = {
    ...(options.name !== undefined && { name: options.name }),
    ...(options.description !== undefined && { description: lineBreaks(options.description) }),
    ...settingsOf(options),
    ...(options.retentionDays !== undefined && {
      retentionDays: options.retentionDays === 'off' ? null : options.retentionDays,
    }),
  };
  if (Object.keys(settings).length === 0)
    throw new CommandUsageError('There is nothing to set. See plaza room set --help.');
  const rooms = at.get(RoomsService);
  await confirmRetention(rooms, token, options);
  const updated = await rooms.update(at.operator, knownToken(token), settings);
  if (updated === undefined) throw noSuchRoom(token);
  if (options.json) return showRoom(at, token, { json: true });
  printLine(`Room "${token}" is changed.`);
  if (options.retentionDays !== undefined) printRetiring(await rooms.pastRetention(knownToken(token)));
}

/** Asks before messages go that were to stay. */
async function confirmRetention(
  rooms: RoomsService,
  token: string,
  { retentionDays: days, yes }: SetOptions,
): Promise<void> {
  if (days === undefined || days === 'off' || yes) return;
  const room = overviewOf(await rooms.overviews(), token);
  if (days >= (room.retentionDays ?? Infinity)) return;
  const question = `Delete messages in "${room.token}" once they are older than ${counted(days, 'day')}? Type yes to confirm: `;
  if (!(await confirmed(question, 'yes'))) throw new CommandError('Nothing was changed.');
}

/** Old messages go slowly, so that clients keep up with the tombstones: that should surprise nobody. */
function printRetiring(messages: number): void {
  if (messages === 0) return;
  const hours = Math.ceil(messages / RETIRED_PER_SECOND / 3600);
  printLine(
    `${counted(messages, 'message')} ${messages === 1 ? 'is' : 'are'} older and will be deleted within ${counted(hours, 'hour')}.`,
  );
}

async function deleteRoom(
  { get, operator }: Installation,
  token: string,
  { yes, json }: { yes?: true; json?: true },
): Promise<void> {
  const question = `Delete room "${token}" with all its messages and files? Type its token to confirm: `;
  if (!yes && !(await confirmed(question, token))) throw new CommandError('Nothing was deleted.');
  if (!(await get(RoomsService).delete(operator, knownToken(token)))) throw noSuchRoom(token);
  printChange({ json }, { token, deleted: true }, `Room "${token}" is deleted.`);
}

function overviewOf(rooms: readonly RoomOverview[], token: string): RoomOverview {
  const room = rooms.find((one) => one.token.toLowerCase() === token.toLowerCase());
  if (!room) throw noSuchRoom(token);
  return room;
}

/** Throws for what cannot be the token of any room. */
export function knownToken(text: string): RoomToken {
  const token = parseRoomToken(text);
  if (!token) throw noSuchRoom(text);
  return token;
}

export const noSuchRoom = (token: string): CommandError =>
  new CommandError(`There is no room "${token}". See: plaza room list`);

const defaultsOf = (room: RoomOverview): string =>
  DEFAULTS.filter((name) => room.defaults[name]).join(', ') || 'nothing';
