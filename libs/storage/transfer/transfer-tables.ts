import { copyLine, type CopyValue } from './copy-text.js';

/** What ids count: each has a numbering of its own. */
export type Numbered =
  | 'users'
  | 'rooms'
  | 'messages'
  | 'message_revisions'
  | 'files'
  | 'reactions'
  | 'reactors'
  | 'scheduled_changes'
  | 'direct_messages';

export interface TransferColumn {
  readonly name: string;
  /** For ids: whose. */
  readonly of: Numbered | undefined;
  readonly kind: 'text' | 'integer' | 'number' | 'flag' | 'bytes' | 'json';
}

/** A table that rooms and people are moved in, in the order in which rows may be written. */
export interface TransferTable {
  readonly name: TransferTableName;
  readonly columns: readonly TransferColumn[];
  readonly names: readonly string[];
  /** By which rows are ordered where they are compared. */
  readonly order: string;
  /** Whether its ids are given out by a sequence. */
  readonly numbered: boolean;
  /** A condition for the rows that belong to rooms, whose ids stand for `$rooms`; undefined where rows do not. */
  readonly ofRooms: string | undefined;
}

/** A row by our column names; ids are those of where it comes from. */
export type TransferRow = Readonly<Record<string, CopyValue>>;

/** What an id of elsewhere is called here. */
export type IdMapping = (of: Numbered, id: number) => number;
export const SAME_IDS: IdMapping = (_, id) => id;

/**
 * Columns by name; `@users` for an id of a user, `%` for a whole number, `~` for any, `?` for a flag, `#` for bytes, `$`
 * for JSON, and without a mark text. A room's image is set when its file is there.
 */
const COLUMNS = {
  users: 'id@users session_id created_at~ last_active_at~ banned? moderator? admin? visible_mod?',
  rooms:
    'id@rooms token name description created_at~ message_sequence% info_updates% active_users% default_read? default_accessible? default_write? default_upload? rate_limit_posts% rate_limit_window_seconds~ retention_days% rules_version%',
  messages:
    'id@messages room_id@rooms author_id@users posted_at~ edited_at~ seqno_creation% seqno_data% seqno_reactions% data# data_size% signature# filtered? whisper_to_id@users whisper_mods?',
  message_revisions: 'id@message_revisions message_id@messages replaced_at~ data# data_size% signature#',
  files:
    'id@files room_id@rooms uploader_id@users message_id@messages size% uploaded_at~ expires_at~ filename sha256# image_hash# media_type',
  pins: 'room_id@rooms message_id@messages pinned_by_id@users pinned_at~',
  reactions: 'id@reactions message_id@messages emoji',
  reactors: 'id@reactors reaction_id@reactions user_id@users reacted_at~',
  permission_overrides:
    'room_id@rooms user_id@users banned? moderator? admin? visible_mod? read? accessible? write? upload?',
  scheduled_changes:
    'id@scheduled_changes room_id@rooms user_id@users due_at~ read? write? upload? banned? to_default?',
  room_activity: 'room_id@rooms user_id@users last_active_at~',
  room_rules: 'room_id@rooms filters$ automod$',
  direct_messages:
    'id@direct_messages sender_id@users recipient_id@users body# posted_at~ expires_at~ swallowed?',
  pending_blinding: 'absolute_id user_id@users',
} as const;

const KINDS: Readonly<Record<string, TransferColumn['kind']>> = {
  '%': 'integer',
  '~': 'number',
  '?': 'flag',
  '#': 'bytes',
  $: 'json',
};

export type TransferTableName = keyof typeof COLUMNS;

const ORDERS: Partial<Record<TransferTableName, string>> = {
  pins: 'room_id, message_id',
  permission_overrides: 'room_id, user_id',
  room_activity: 'room_id, user_id',
  room_rules: 'room_id',
  pending_blinding: 'absolute_id',
};

const OF_ROOMS = 'room_id IN ($rooms)';
const OF_MESSAGES = `message_id IN (SELECT id FROM messages WHERE ${OF_ROOMS})`;
const SCOPES: Record<TransferTableName, string | undefined> = {
  users: undefined,
  rooms: 'id IN ($rooms)',
  messages: OF_ROOMS,
  message_revisions: OF_MESSAGES,
  files: OF_ROOMS,
  pins: OF_ROOMS,
  reactions: OF_MESSAGES,
  reactors: `reaction_id IN (SELECT id FROM reactions WHERE ${OF_MESSAGES})`,
  permission_overrides: OF_ROOMS,
  scheduled_changes: OF_ROOMS,
  room_activity: OF_ROOMS,
  room_rules: OF_ROOMS,
  direct_messages: undefined,
  pending_blinding: undefined,
};

export const TRANSFER_TABLES: readonly TransferTable[] = Object.entries(COLUMNS).map(([name, text]) => {
  const columns = text.split(' ').map(columnOf);
  return {
    name: name as TransferTableName,
    columns,
    names: columns.map((column) => column.name),
    order: ORDERS[name as TransferTableName] ?? 'id',
    numbered: columns[0]!.name === 'id',
    ofRooms: SCOPES[name as TransferTableName],
  };
});

export const transferTable = (name: TransferTableName): TransferTable =>
  TRANSFER_TABLES.find((table) => table.name === name)!;

/** All rows of a table in its order, or those of some rooms (which must be some). */
export function tableQuery(
  { names, name, order, ofRooms }: TransferTable,
  rooms?: readonly number[],
): string {
  const condition = rooms && ofRooms ? `WHERE ${ofRooms.replaceAll('$rooms', rooms.join(', '))}` : '';
  return `SELECT ${names.join(', ')} FROM ${name} ${condition} ORDER BY ${order}`;
}

/** Everybody whom a row of these rooms names. */
export function peopleQuery({ names }: TransferTable, rooms: readonly number[]): string {
  const named = TRANSFER_TABLES.flatMap(({ name, columns, ofRooms }) =>
    columns
      .filter(({ of }) => of === 'users' && ofRooms !== undefined)
      .map(
        ({ name: column }) =>
          `SELECT ${column} FROM ${name} WHERE ${ofRooms!.replaceAll('$rooms', rooms.join(', '))}`,
      ),
  );
  return `SELECT ${names.join(', ')} FROM users WHERE id IN (${named.join(' UNION ')}) ORDER BY id`;
}

function columnOf(text: string): TransferColumn {
  const [, name, of, mark] = /^(\w+?)(?:@(\w+))?([%~?#$])?$/.exec(text)!;
  const kind = of === undefined ? (KINDS[mark ?? ''] ?? 'text') : 'integer';
  return { name: name!, of: of as Numbered | undefined, kind };
}

/** Columns that stay behind when a room is moved, each with its reason. */
export const NOT_TRANSFERRED: Readonly<Record<string, string>> = {
  'rooms.image_id': 'set when its file is there, since each of the two refers to the other',
  'rooms.access_version': 'counts for the servers of one installation',
  'rooms.message_rewrites': 'counts for the servers of one installation',
  'rooms.raid_locked_until': 'a raid is over where nobody is yet',
};
/** Tables that speak of rooms or their messages and stay behind, each with its reason. */
export const NOT_OF_ROOMS: Readonly<Record<string, string>> = {
  admin_token_rooms: 'whom an operator lets in is said anew by the operator of the other server',
  moderation_log: 'tells what was done on this server, by whom, and leaves by age alone',
  webhooks:
    'which programs are told is for the operator of the other server to say; their secrets are of this one',
  webhook_positions: 'belong to webhooks',
};

/** A row as COPY takes it. A column that the row does not have is null. */
export function transferLine({ columns }: TransferTable, row: TransferRow, ids: IdMapping): string {
  return copyLine(
    columns.map(({ name, of }) => {
      const value = row[name] ?? null;
      return of !== undefined && value !== null ? ids(of, value as number) : value;
    }),
  );
}
