import { Command, InvalidArgumentError, Option } from 'commander';
import { RETIRED_PER_SECOND } from '../../../libs/community/housekeeping.service.js';
import { RoomsService, type RoomSettings } from '../../../libs/community/rooms.service.js';
import { joinLink, publicOrigin } from '../../../libs/community/join-link.js';
import { parseRoomToken, type RoomToken } from '../../../libs/protocol/ids.js';
import type { RoomOverview } from '../../../libs/storage/room-overviews.repository.js';
import { CommandError } from './command-error.js';
import { confirmed } from './confirmation.js';
import { withInstallation, type Installation } from './installation.js';
import { counted, formatTime, printFields, printJson, printLine, printTable } from './output.js';

const DEFAULTS = ['read', 'accessible', 'write', 'upload'] as const;
type DefaultName = (typeof DEFAULTS)[number];

interface SetOptions extends Partial<Record<DefaultName, boolean>> {
  name?: string;
  description?: string;
  retentionDays?: number | 'off';
}

export function roomCommand(): Command {
  const room = new Command('room').description('rooms of this community');
  room
    .command('create <token>')
    .description('open a room')
    .requiredOption('--name <name>', 'name that members see')
    .option('--description <text>', 'what the room is about (\\n is a line break)')
    .addHelpText('after', '\nExample:\n  plaza room create fish --name "Fish" --description "All about fish"')
    .action((token: string, options: { name: string; description?: string }) =>
      withInstallation((at) => createRoom(at, token, options)),
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
    .addHelpText('after', '\nExample:\n  plaza room delete fish --yes')
    .action((token: string, options: { yes?: true }) =>
      withInstallation((at) => deleteRoom(at, token, options)),
    );
  return room;
}

function roomSetCommand(room: Command): void {
  const set = room
    .command('set <token>')
    .description('change name, description or what everybody may do')
    .option('--name <name>', 'name that members see')
    .option('--description <text>', 'what the room is about; empty removes it (\\n is a line break)');
  for (const name of DEFAULTS) {
    set.addOption(new Option(`--${name}`, `everybody may ${PHRASES[name]}`));
    set.addOption(
      new Option(`--no-${name}`, `only those with a permission of their own may ${PHRASES[name]}`),
    );
  }
  set
    .option('--retention-days <days>', 'delete messages that are older; off keeps them', retentionOf)
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
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a number of days, or off.');
  return Number(text);
}

const lineBreaks = (text: string): string => text.replaceAll('\\n', '\n');

async function createRoom(
  { get, operator, config, identity }: Installation,
  token: string,
  { name, description }: { name: string; description?: string },
): Promise<void> {
  const about = description === undefined ? undefined : lineBreaks(description);
  const room = await get(RoomsService).create(operator, { token, name, description: about });
  if (!room) throw new CommandError(`There is a room "${token}" already (tokens are compared without case).`);
  printLine(joinLink(publicOrigin(config, config.port), room.token, identity.keys.publicKeyHex));
}

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

async function showRoom(
  { get, config, identity }: Installation,
  token: string,
  { json }: { json?: true },
): Promise<void> {
  const room = (await get(RoomsService).overviews()).find(
    (one) => one.token.toLowerCase() === token.toLowerCase(),
  );
  if (!room) throw noSuchRoom(token);
  const link = joinLink(publicOrigin(config, config.port), room.token, identity.keys.publicKeyHex);
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

async function setRoom({ get, operator }: Installation, token: string, options: SetOptions): Promise<void> {
  const settings: RoomSettings = {
    ...(options.name !== undefined && { name: options.name }),
    ...(options.description !== undefined && { description: lineBreaks(options.description) }),
    ...(options.read !== undefined && { defaultRead: options.read }),
    ...(options.accessible !== undefined && { defaultAccessible: options.accessible }),
    ...(options.write !== undefined && { defaultWrite: options.write }),
    ...(options.upload !== undefined && { defaultUpload: options.upload }),
    ...(options.retentionDays !== undefined && {
      retentionDays: options.retentionDays === 'off' ? null : options.retentionDays,
    }),
  };
  if (Object.keys(settings).length === 0)
    throw new CommandError('There is nothing to set. See plaza room set --help.');
  const rooms = get(RoomsService);
  const updated = await rooms.update(operator, knownToken(token), settings);
  if (updated === undefined) throw noSuchRoom(token);
  printLine(`Room "${token}" is changed.`);
  if (options.retentionDays !== undefined) printRetiring(await rooms.pastRetention(knownToken(token)));
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
  { yes }: { yes?: true },
): Promise<void> {
  const question = `Delete room "${token}" with all its messages and files? Type its token to confirm: `;
  if (!yes && !(await confirmed(question, token))) throw new CommandError('Nothing was deleted.');
  if (!(await get(RoomsService).delete(operator, knownToken(token)))) throw noSuchRoom(token);
  printLine(`Room "${token}" is deleted.`);
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
