import { quoted, type CopySession } from './copy-session.js';
import {
  cataloguedTables,
  sequenceStates,
  type CataloguedTable,
  type SequenceState,
} from './table-catalog.js';

const PUBLIC_KEY = `SELECT public_key AS "publicKey" FROM server_state`;
const MIGRATIONS = `SELECT migration_name AS name FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`;
const NOTE_MADE = `UPDATE server_state SET last_backup_at = $1`;
const LIVE = `(expires_at IS NULL OR expires_at > `;

export interface SnapshotFile {
  id: number;
  size: number;
}

/** What a backup reads: all tables, whatever they are called, as they are at one moment. */
export class BackupSnapshot {
  constructor(private readonly session: CopySession) {}

  /** Undefined for a database that no server has used. */
  async publicKey(): Promise<string | undefined> {
    const [found] = await this.session.rows<{ there: string | null }>(
      `SELECT to_regclass('server_state')::text AS there`,
    );
    if (found?.there == null) return undefined;
    return (await this.session.rows<{ publicKey: string }>(PUBLIC_KEY))[0]?.publicKey;
  }

  async migrations(): Promise<string[]> {
    return (await this.session.rows<{ name: string }>(MIGRATIONS)).map(({ name }) => name);
  }

  tables(): Promise<CataloguedTable[]> {
    return cataloguedTables(this.session);
  }

  rowsOf({ name, columns, primaryKey }: CataloguedTable): AsyncIterable<Buffer> {
    const order = primaryKey.length > 0 ? `ORDER BY ${primaryKey.map(quoted).join(', ')}` : '';
    return this.session.copyOut(`SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(name)} ${order}`);
  }

  sequences(): Promise<SequenceState[]> {
    return sequenceStates(this.session);
  }

  /** Files that are served at `now`, by id, in pages. */
  async *files(now: number, pageSize: number): AsyncGenerator<SnapshotFile[]> {
    for (let afterId = -1; ;) {
      const page = await this.session.rows<SnapshotFile>(
        `SELECT id, size FROM files WHERE ${LIVE} $1) AND id > $2 ORDER BY id LIMIT $3`,
        [now, afterId, pageSize],
      );
      if (page.length === 0) return;
      yield page;
      afterId = page.at(-1)!.id;
    }
  }

  /** Sums for showing how far it is: bytes of all tables as they lie on disk, and of files. */
  async sizes(now: number): Promise<{ tableBytes: number; fileBytes: number }> {
    const [tables] = await this.session.rows<{ bytes: number }>(
      `SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint AS bytes FROM pg_class
       WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
    );
    const [files] = await this.session.rows<{ bytes: number }>(
      `SELECT coalesce(sum(size), 0)::bigint AS bytes FROM files WHERE ${LIVE} $1)`,
      [now],
    );
    return { tableBytes: tables!.bytes, fileBytes: files!.bytes };
  }

  /** After the snapshot, once the backup is whole. A database before an upgrade may be older than the column. */
  async noteMade(at: number): Promise<void> {
    const state = (await this.tables()).find(({ name }) => name === 'server_state');
    if (state?.columns.includes('last_backup_at')) await this.session.rows(NOTE_MADE, [at]);
  }

  /** In a session of its own, outside of the snapshot: those of these files that still have a record. */
  async recordedAmong(ids: readonly number[], now: number): Promise<Set<number>> {
    const rows = await this.session.rows<{ id: number }>(
      `SELECT id FROM files WHERE id = ANY($1) AND ${LIVE} $2)`,
      [ids, now],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
