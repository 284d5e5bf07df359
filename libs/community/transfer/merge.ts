import { Readable } from 'node:stream';
import type { BlobStore } from '../../storage/blob-store.js';
import {
  TRANSFER_TABLES,
  type TransferRow,
  type TransferTable,
  type TransferTableName,
} from '../../storage/transfer/transfer-tables.js';
import type { IdRange, RoomImage, TransferTarget } from '../../storage/transfer/transfer-target.js';
import { copyUploads, type Upload } from './copy-uploads.js';
import { ImportError, type ImportProgress } from './import-error.js';
import { MergedIds } from './merged-ids.js';
import { copyRows, digestTable, type CopiedRows } from './table-copier.js';

/** Rooms with everything that belongs to them, to be added to an installation. */
export interface Arrivals {
  /** Hex; of the server that they come from. */
  publicKey: string;
  /** Whether somebody whom we believe says so: the operator who gave the private key, or the key's own seal. */
  isVouchedFor: boolean;
  /** As they are written there. */
  tokens: string[];
  roomIds: number[];
  /** Ids, by table. */
  ranges: Readonly<Record<string, IdRange>>;
  images: readonly RoomImage[];
  rowCount: number;
  fileCount: number;
  /** In pages, with the ids that they have at the source. */
  rows(table: TransferTableName): AsyncIterable<TransferRow[]>;
  uploads(): AsyncIterable<Upload>;
}

export interface MergeOptions {
  target: TransferTarget;
  blobs: BlobStore;
  arrivals: Arrivals;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ImportProgress) => void) | undefined;
}

export interface MergeReport {
  /** Rows that were written, by table. */
  rows: Record<string, number>;
  /** By how much the ids of a table had to be moved. */
  moved: Record<string, number>;
  /** Tables of which nothing was taken, since they speak of ids that are blinded for another key. */
  leftOut: string[];
}

const SHOWN_MAX = 5;

/** What is said of people by ids that only one key makes. */
const BOUND_TO_KEY: readonly TransferTableName[] = [
  'permission_overrides',
  'scheduled_changes',
  'room_activity',
  'direct_messages',
  'pending_blinding',
];

/**
 * Adds rooms to an installation, which may be running: all in one transaction. Sequence numbers stay; ids are moved where
 * some of them are taken here. Users who are known here keep what they are; nobody brings a global role or ban along.
 */
export async function merge({
  target,
  blobs,
  arrivals,
  signal,
  onProgress,
}: MergeOptions): Promise<MergeReport> {
  const isSameKey = (await refuseUnfit(target, arrivals)) === arrivals.publicKey;
  if (!isSameKey) await refuseImpostors(target, arrivals.rows('users'));
  const ids = await MergedIds.plan(target, { ranges: arrivals.ranges, users: arrivals.rows('users') });
  const progress = { phase: 'files', done: 0, total: arrivals.fileCount };
  await copyUploads(movedUploads(arrivals, ids), blobs, {
    isResumed: false,
    signal,
    onFile: () => onProgress?.({ ...progress, phase: 'files', done: ++progress.done }),
  });
  const leftOut = isSameKey ? [] : BOUND_TO_KEY;
  const tables = TRANSFER_TABLES.filter(({ name }) => !leftOut.includes(name));
  const rows: Record<string, number> = {};
  let done = 0;
  const onRows = (count: number): void =>
    onProgress?.({ phase: 'rows', done: (done += count), total: arrivals.rowCount });
  await target.session.transaction('read and write', async () => {
    const written = new Map<TransferTable, CopiedRows>();
    for (const table of tables) {
      const arriving = onlyNew({ table: table.name, arrivals, ids, isSameKey });
      const pages = await asStored(target, table, arriving);
      written.set(table, await copyRows(target.session, table, { pages, ids: ids.map, signal, onRows }));
      rows[table.name] = written.get(table)!.rows;
    }
    await target.setRoomImages(
      arrivals.images.map(({ roomId, fileId }) => ({
        roomId: ids.map('rooms', roomId),
        fileId: ids.map('files', fileId),
      })),
    );
    await verify(
      target,
      written,
      arrivals.roomIds.map((id) => ids.map('rooms', id)),
    );
  });
  return { rows, moved: ids.moved, leftOut: [...leftOut] };
}

/** Returns the key of this installation. */
async function refuseUnfit(
  target: TransferTarget,
  { tokens, publicKey, isVouchedFor }: Arrivals,
): Promise<string> {
  if (!(await target.lock())) throw new ImportError('Another import into this database is under way.');
  const state = await target.state();
  if (!state) throw new ImportError('This installation is empty: there is nothing to merge with.');
  if (state.unfinished)
    throw new ImportError('An import into this installation is not finished. Let it come to its end first.');
  if (state.publicKey === publicKey && !isVouchedFor)
    throw new ImportError(
      'It says that it comes from this server, but does not bear its seal: somebody wrote it, or changed it. They could ' +
        'speak for your members and give out roles in the room. If it was in nobody’s hands but yours, say --trust. ' +
        'Nothing was changed.',
    );
  const keys = await target.tokenKeys();
  const taken = tokens.filter((token) => keys.has(token.toLowerCase()));
  if (taken.length > 0)
    throw new ImportError(`Rooms of this name are here already: ${taken.join(', ')}. Nothing was changed.`);
  return state.publicKey;
}

/** Ids that are blinded for another key are nobody's here. A 05 id is the same everywhere. */
async function refuseImpostors(target: TransferTarget, users: AsyncIterable<TransferRow[]>): Promise<void> {
  for await (const page of users) {
    const ids = page.map((row) => String(row['session_id'])).filter((id) => !id.startsWith('05'));
    const known = await target.membersAmong(ids);
    if (known.length > 0)
      throw new ImportError(
        `It says that it comes from another server, but would speak for people of this one, whose ids no other server makes: ${known.slice(0, SHOWN_MAX).join(', ')}. Nothing was changed.`,
      );
  }
}

async function* movedUploads(arrivals: Arrivals, ids: MergedIds): AsyncGenerator<Upload> {
  for await (const upload of arrivals.uploads()) yield { ...upload, id: ids.map('files', upload.id) };
}

async function* onlyNew({
  table,
  arrivals,
  ids,
  isSameKey,
}: {
  table: TransferTableName;
  arrivals: Arrivals;
  ids: MergedIds;
  isSameKey: boolean;
}): AsyncGenerator<TransferRow[]> {
  // Those of another key have never been here, and what they are called here nobody else can be.
  const changes = {
    banned: false,
    moderator: false,
    admin: false,
    ...(!isSameKey && { last_active_at: null }),
  };
  for await (const page of arrivals.rows(table)) {
    if (table === 'users')
      yield page.filter((row) => !ids.isKnown(row['id'] as number)).map((row) => ({ ...row, ...changes }));
    else if (table === 'scheduled_changes') yield page.filter((row) => row['room_id'] !== null);
    else if (table === 'pending_blinding') yield page.filter((row) => !ids.isKnown(row['user_id'] as number));
    else yield page;
  }
}

/**
 * JSON as PostgreSQL writes it, so that what lies there can be compared. Tables with some are small, and looked at before
 * the first row is written: then the session is busy.
 */
async function asStored(
  target: TransferTarget,
  { columns }: TransferTable,
  pages: AsyncIterable<TransferRow[]>,
): Promise<AsyncIterable<TransferRow[]>> {
  const names = columns.filter(({ kind }) => kind === 'json').map(({ name }) => name);
  if (names.length === 0) return pages;
  const rows: TransferRow[] = [];
  for await (const page of pages)
    for (const row of page) {
      const texts = await target.jsonTexts(names.map((name) => row[name] as string | null));
      rows.push({ ...row, ...Object.fromEntries(names.map((name, at) => [name, texts[at]!])) });
    }
  return Readable.from([rows]);
}

/** Reads back what belongs to the new rooms. */
async function verify(
  target: TransferTarget,
  written: ReadonlyMap<TransferTable, CopiedRows>,
  rooms: readonly number[],
): Promise<void> {
  if (rooms.length === 0) return;
  for (const [table, { rows, digest }] of written) {
    if (!table.ofRooms) continue;
    const found = await digestTable(target.session, table, { rooms });
    if (found.rows !== rows || found.digest !== digest)
      throw new ImportError(`What lies in ${table.name} is not what was written. Nothing was changed.`);
  }
}
