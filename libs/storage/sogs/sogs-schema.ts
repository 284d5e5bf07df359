import { SogsSourceError } from './sogs-source.js';

type Columns = ReadonlyMap<string, ReadonlySet<string>>;

interface KnownTable {
  /** Without these it is no database that we know. */
  required: string;
  /** Younger than the oldest schema that is still found (0.3.0), or gone since. */
  optional?: string;
  /** Older databases lack the whole table. */
  mayLack?: true;
  /** Why it is not read; it may look as it likes. */
  skipped?: string;
}

/** Everything that versions 0.3.x of the reference server keep (reference-operator.md, "Database"). */
const KNOWN: Readonly<Record<string, KnownTable>> = {
  rooms: {
    required: 'id token name description image created message_sequence info_updates read write upload',
    optional: 'accessible active_users',
  },
  users: { required: 'id session_id created last_active banned moderator admin visible_mod' },
  messages: {
    required: 'id room user posted edited seqno_data data data_size signature filtered whisper whisper_mods',
    optional: 'seqno seqno_reactions seqno_creation',
  },
  message_history: { required: 'message replaced data signature' },
  pinned_messages: { required: 'room message pinned_by pinned_at' },
  files: { required: 'id room uploader size uploaded expiry filename path', optional: 'message' },
  needs_blinding: { required: 'blinded_abs user', mayLack: true },
  reactions: { required: 'id message reaction', mayLack: true },
  user_reactions: { required: 'reaction user at', mayLack: true },
  room_users: { required: 'room user last_active' },
  user_permission_overrides: {
    required: 'room user banned read write upload moderator admin visible_mod',
    optional: 'accessible',
  },
  user_permission_futures: { required: 'room user at read write upload', optional: 'banned' },
  user_ban_futures: { required: 'room user at banned', mayLack: true },
  inbox: { required: 'id recipient sender body posted_at expiry', mayLack: true },
  // Not read:
  user_request_nonces: { required: '', mayLack: true, skipped: 'belongs to requests of the last day' },
  file_id_hacks: { required: '', mayLack: true, skipped: 'files of before version 0.2, long expired' },
  room_import_hacks: { required: '', mayLack: true, skipped: 'ids of before version 0.2' },
};

/** What a database of the reference server has; older ones lack tables or columns. */
export class SogsSchema {
  private constructor(private readonly found: Columns) {}

  /** Throws {@link SogsSourceError} for anything unknown: what we do not understand would be lost without a word. */
  static recognise(found: Columns): SogsSchema {
    const problems = [...Object.keys(KNOWN), ...found.keys()]
      .filter((table, at, all) => all.indexOf(table) === at)
      .flatMap((table) => tableProblems(table, found.get(table)));
    if (problems.length > 0)
      throw new SogsSourceError(
        `This is no database of the reference server, version 0.3, or one that was changed:\n${problems.map((line) => `  ${line}`).join('\n')}`,
      );
    return new SogsSchema(found);
  }

  has(table: string, column?: string): boolean {
    const columns = this.found.get(table);
    return columns !== undefined && (column === undefined || columns.has(column));
  }

  /** What the newest schema has and this one lacks, as `table.column`. */
  get lacking(): string[] {
    return Object.entries(KNOWN).flatMap(([table, { optional = '', mayLack, skipped }]) => {
      if (mayLack && !skipped && !this.has(table)) return [table];
      return words(optional)
        .filter((column) => !(table === 'user_permission_futures' && column === 'banned'))
        .filter((column) => this.has(table) && !this.has(table, column))
        .map((column) => `${table}.${column}`);
    });
  }
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

function tableProblems(table: string, found: ReadonlySet<string> | undefined): string[] {
  const known = KNOWN[table];
  if (!known) return [`the table ${table} is unknown`];
  if (!found) return known.mayLack ? [] : [`the table ${table} is missing`];
  if (known.skipped !== undefined) return [];
  const [required, optional] = [words(known.required), words(known.optional ?? '')];
  return [
    ...required.filter((column) => !found.has(column)).map((column) => `${table}.${column} is missing`),
    ...[...found]
      .filter((column) => !required.includes(column) && !optional.includes(column))
      .map((column) => `${table}.${column} is unknown`),
  ];
}
