import { Injectable } from '@nestjs/common';
import { Database, statement } from './database.js';

/** A file that has not expired. */
export interface RecordedFile {
  id: number;
  size: number;
  /** Room images and files of pinned messages last for ever. */
  lasting: boolean;
}

export interface FileTotals {
  files: number;
  bytes: number;
}

const LIVE = `(expires_at IS NULL OR expires_at > $1)`;
const RECORDED = `id, size, expires_at IS NULL AS lasting`;

const KNOWN = statement('file-inventory.known', `SELECT id FROM files WHERE id = ANY($1)`);
const LIVE_AMONG = statement(
  'file-inventory.live-among',
  `SELECT ${RECORDED} FROM files WHERE ${LIVE} AND id = ANY($2)`,
);
const PAGE = statement(
  'file-inventory.page',
  `SELECT ${RECORDED} FROM files WHERE ${LIVE} AND uploaded_at < $2 AND id > $3 ORDER BY id LIMIT $4`,
);
const ENDS = statement(
  'file-inventory.ends',
  `(SELECT ${RECORDED} FROM files WHERE ${LIVE} ORDER BY id LIMIT $2) UNION
   (SELECT ${RECORDED} FROM files WHERE ${LIVE} ORDER BY id DESC LIMIT $2)`,
);
const TOTALS = statement(
  'file-inventory.totals',
  `SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes FROM files WHERE ${LIVE}`,
);
const LAST_ID = statement(
  'file-inventory.last-id',
  `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('files', 'id')::regclass), 0) AS id`,
);
const REMOVE_HOLLOW = statement(
  'file-inventory.remove-hollow',
  // What lasts is never a victim, whatever the caller believed a moment ago.
  `DELETE FROM files WHERE id = ANY($1) AND expires_at IS NOT NULL
     AND NOT EXISTS (SELECT FROM rooms WHERE rooms.image_id = files.id)
     AND NOT EXISTS (SELECT FROM pins WHERE pins.message_id = files.message_id)
   RETURNING id`,
);

/** Records of files as a whole, to hold a store against them. Times are Unix seconds. */
@Injectable()
export class FileInventoryRepository {
  constructor(private readonly database: Database) {}

  /** Those of these ids that have a record, expired or not. */
  async known(ids: readonly number[]): Promise<Set<number>> {
    const rows = await this.database.query<{ id: number }>(KNOWN, [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  /** By id, those of these ids that are recorded and have not expired. */
  async liveAmong(ids: readonly number[], now: number): Promise<Map<number, RecordedFile>> {
    const rows = await this.database.query<RecordedFile>(LIVE_AMONG, [now, ids]);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** All that were uploaded before then and have not expired at `now`, in pages, by ascending id. */
  async *pages(now: number, uploadedBefore: number, pageSize: number): AsyncGenerator<RecordedFile[]> {
    for (let afterId = -1; ;) {
      const page = await this.database.query<RecordedFile>(PAGE, [now, uploadedBefore, afterId, pageSize]);
      if (page.length === 0) return;
      yield page;
      afterId = page.at(-1)!.id;
    }
  }

  /** The oldest and the newest, `count` of each. */
  async ends(now: number, count: number): Promise<RecordedFile[]> {
    return this.database.query(ENDS, [now, count]);
  }

  async totals(now: number): Promise<FileTotals> {
    return (await this.database.query<FileTotals>(TOTALS, [now]))[0]!;
  }

  /** The highest id that this database ever gave out; 0 for none. */
  async lastId(): Promise<number> {
    return (await this.database.query<{ id: number }>(LAST_ID))[0]!.id;
  }

  /** Removes records whose bytes are gone, except of what lasts; returns how many. */
  async removeHollow(ids: readonly number[]): Promise<number> {
    return (await this.database.query(REMOVE_HOLLOW, [ids])).length;
  }
}
