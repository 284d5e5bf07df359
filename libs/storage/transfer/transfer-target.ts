import { OperatorError } from '../../protocol/operator-error.js';
import { quoted, type CopySession } from './copy-session.js';
import { advanceSequence, cataloguedTables, filledTables } from './table-catalog.js';
import { TRANSFER_TABLES, type Numbered } from './transfer-tables.js';

/** Any number that nobody else takes: one transfer into a database at a time. */
const TRANSFER_LOCK = 0x706c617a62;

/** What is left beyond are more ids than any server gives out. */
const RESERVED_ID_MAX = 2 ** 52;

/** What an import that is under way has written: by table, rows and their digest. */
export type WrittenTables = Record<string, { rows: number; digest: string }>;

export interface UnfinishedImport {
  /** Recognises the source again. */
  fingerprint: string;
  /** Unix seconds; what counts as expired is decided by this moment, also when it is gone on with. */
  startedAt: number;
  written: WrittenTables;
}

export interface TargetState {
  /** Hex. */
  publicKey: string;
  unfinished: UnfinishedImport | null;
}

/** Our own tables, as somebody sees them who fills them with what comes from elsewhere. */
export class TransferTarget {
  constructor(readonly session: CopySession) {}

  /** False when another transfer into this database is under way. Holds as long as the session. */
  async lock(): Promise<boolean> {
    const [row] = await this.session.rows<{ taken: boolean }>(
      `SELECT pg_try_advisory_lock(${TRANSFER_LOCK}) AS taken`,
    );
    return row!.taken;
  }

  /** Undefined for a database that no server has used. */
  async state(): Promise<TargetState | undefined> {
    const [state] = await this.session.rows<TargetState>(
      `SELECT public_key AS "publicKey", unfinished_import AS unfinished FROM server_state`,
    );
    return state;
  }

  /** Names of tables with rows. */
  filled(): Promise<string[]> {
    return filledTables(this.session);
  }

  /** Ties an empty database to a key, and says that an import has begun. */
  async begin(publicKey: string, unfinished: UnfinishedImport): Promise<void> {
    await this.session.rows(
      `INSERT INTO server_state (public_key, created_at, unfinished_import) VALUES ($1, $2, $3)`,
      [publicKey, unfinished.startedAt, JSON.stringify(unfinished)],
    );
  }

  async save(unfinished: UnfinishedImport | null): Promise<void> {
    await this.session.rows(`UPDATE server_state SET unfinished_import = $1`, [
      unfinished && JSON.stringify(unfinished),
    ]);
  }

  /** Everything goes that an unfinished import wrote: the database was empty before it. */
  async clear(): Promise<void> {
    const names = (await cataloguedTables(this.session)).map(({ name }) => quoted(name));
    await this.session.rows(`TRUNCATE ${names.join(', ')} RESTART IDENTITY CASCADE`);
  }

  async setRoomImages(images: readonly RoomImage[]): Promise<void> {
    await this.session.rows(
      `UPDATE rooms SET image_id = image.file_id
       FROM unnest($1::bigint[], $2::bigint[]) AS image(room_id, file_id) WHERE id = image.room_id`,
      [images.map(({ roomId }) => roomId), images.map(({ fileId }) => fileId)],
    );
  }

  async roomImages(): Promise<RoomImage[]> {
    return this.session.rows(
      `SELECT id AS "roomId", image_id AS "fileId" FROM rooms WHERE image_id IS NOT NULL ORDER BY id`,
    );
  }

  /** New rows get ids beyond those that are there. */
  async advanceSequences(): Promise<void> {
    for (const { name, numbered } of TRANSFER_TABLES)
      if (numbered) await advanceSequence(this.session, { table: name, column: 'id', last: 0 });
  }

  /** Plans go by what is there now. */
  async analyze(): Promise<void> {
    await this.session.rows('ANALYZE');
  }

  /** By its token in any case. */
  async findRoom(token: string): Promise<{ id: number; token: string } | undefined> {
    const [room] = await this.session.rows<{ id: number; token: string }>(
      `SELECT id, token FROM rooms WHERE token_key = lower($1)`,
      [token],
    );
    return room;
  }

  /** Tokens in lower case. */
  async tokenKeys(): Promise<Set<string>> {
    const rows = await this.session.rows<{ key: string }>(`SELECT token_key AS key FROM rooms`);
    return new Set(rows.map(({ key }) => key));
  }

  /**
   * Sets ids aside for rows whose ids are within these ranges, also while others write, and returns by how much they
   * have to be moved for that; 0 where none of them is taken.
   */
  async reserveIds(ranges: Readonly<Record<string, IdRange>>): Promise<Record<Numbered, number>> {
    return this.session.transaction('read and write', async () => {
      await this.session.rows(`LOCK TABLE ${NUMBERED_TABLES.join(', ')} IN SHARE MODE`);
      const offsets = {} as Record<Numbered, number>;
      for (const name of NUMBERED_TABLES) {
        const [wanted, given] = [ranges[name], await this.lastId(name)];
        offsets[name] = !wanted || wanted.least > given ? 0 : given + 1 - wanted.least;
        const last = wanted ? wanted.most + offsets[name] : given;
        if (last > RESERVED_ID_MAX)
          throw new OperatorError(
            `The ids in ${name} are so high that hardly any would be left for new rows.`,
          );
        await advanceSequence(this.session, { table: name, column: 'id', last });
      }
      return offsets;
    });
  }

  /** The highest id that was ever given out; 0 where none was. */
  private async lastId(name: Numbered): Promise<number> {
    const [range] = await this.session.rows<{ most: number }>(
      `SELECT greatest(coalesce(max(id), 0),
         coalesce(pg_sequence_last_value(pg_get_serial_sequence('${name}', 'id')::regclass), 0)) AS most FROM ${name}`,
    );
    return range!.most;
  }

  /** Those of these session ids who have been here, or for whom something was set: not the rest of another server's. */
  async membersAmong(sessionIds: readonly string[]): Promise<string[]> {
    const rows = await this.session.rows<{ id: string }>(
      `SELECT session_id AS id FROM users WHERE session_id = ANY($1) AND (last_active_at IS NOT NULL OR banned
         OR moderator OR session_id LIKE 'ff%' OR EXISTS (SELECT FROM permission_overrides WHERE user_id = users.id))
       UNION SELECT id FROM unnest($1::text[]) AS given(id) JOIN pending_blinding
         ON absolute_id = '15' || substr(id, 3, 62) || to_hex(('x0' || substr(id, 65, 1))::bit(8)::int & 7) || substr(id, 66)
       WHERE id ~ '^(15|25)'`,
      [sessionIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Texts of JSON as PostgreSQL writes what it stored. */
  async jsonTexts(texts: readonly (string | null)[]): Promise<(string | null)[]> {
    const rows = await this.session.rows<{ text: string | null }>(
      `SELECT json::jsonb::text AS text FROM unnest($1::text[]) WITH ORDINALITY AS given(json, place) ORDER BY place`,
      [texts],
    );
    return rows.map(({ text }) => text);
  }

  /** By session id, those of these that there are. */
  async usersAmong(sessionIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.session.rows<{ id: number; sessionId: string }>(
      `SELECT id, session_id AS "sessionId" FROM users WHERE session_id = ANY($1)`,
      [sessionIds],
    );
    return new Map(rows.map(({ id, sessionId }) => [sessionId, id]));
  }
}

export interface IdRange {
  least: number;
  most: number;
}

export interface RoomImage {
  roomId: number;
  fileId: number;
}

/** Where the numbering of a table of ours is. */
export const NUMBERED_TABLES = TRANSFER_TABLES.filter(({ numbered }) => numbered).map(
  ({ name }) => name as Numbered,
);
