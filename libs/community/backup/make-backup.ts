import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Writable } from 'node:stream';
import type { BlobStore } from '../../storage/blob-store.js';
import type { BackupSnapshot } from '../../storage/transfer/backup-snapshot.js';
import { TransferStoppedError } from '../transfer/table-copier.js';
import { writeEntry, writeFinish, type BackupSummary } from './backup-entries.js';
import { BackupError } from './backup-error.js';
import { writeFrames, type FrameOptions } from './backup-frames.js';

/** Fast: a backup is for the disk that has room, not for the post. */
const COMPRESSION_LEVEL = 3;
const FILE_PAGE = 1000;

export interface BackupOptions extends FrameOptions {
  /** In a transaction that sees one moment. */
  snapshot: BackupSnapshot;
  /** In a session that sees what is now. */
  live: BackupSnapshot;
  blobs: BlobStore;
  /** The server's private key. */
  key: Buffer;
  /** As lines NAME=value. */
  settings: string;
  /** Unix seconds. */
  now: number;
  signal?: AbortSignal | undefined;
  onBytes?: ((bytes: number) => void) | undefined;
}

/** Writes everything that an installation is into `out`, which ends when all is there. */
export async function makeBackup(out: Writable, options: BackupOptions): Promise<BackupSummary> {
  const maker = new BackupMaker(options);
  await pipeline(
    () => maker.entries(),
    createGzip({ level: COMPRESSION_LEVEL }),
    (packed: AsyncIterable<Buffer>) => writeFrames(packed, options),
    out,
  );
  return maker.summary;
}

class BackupMaker {
  readonly summary: BackupSummary = { tables: 0, rows: 0, files: 0, fileBytes: 0, deleted: [], lost: [] };

  constructor(private readonly options: BackupOptions) {}

  async *entries(): AsyncGenerator<Buffer> {
    const { snapshot, key, settings, now } = this.options;
    const publicKey = await snapshot.publicKey();
    if (publicKey === undefined)
      throw new BackupError('There is nothing here to back up: no server has run yet.');
    yield* writeEntry(
      { kind: 'manifest', createdAt: now, publicKey, migrations: await snapshot.migrations() },
      [],
    );
    yield* writeEntry({ kind: 'key' }, [key]);
    yield* writeEntry({ kind: 'settings' }, [Buffer.from(settings)]);
    for (const table of await snapshot.tables()) {
      const meta = { kind: 'table', name: table.name, columns: table.columns } as const;
      yield* writeEntry(meta, this.counted(snapshot.rowsOf(table)));
      this.summary.tables++;
    }
    yield* writeEntry({ kind: 'sequences' }, [Buffer.from(JSON.stringify(await snapshot.sequences()))]);
    for await (const page of snapshot.files(now, FILE_PAGE)) yield* this.fileEntries(page);
    yield writeFinish(this.summary);
  }

  private async *counted(rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of this.watched(rows)) {
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) this.summary.rows++;
      yield piece;
    }
  }

  private async *watched(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      if (this.options.signal?.aborted) throw new TransferStoppedError('Stopped.');
      yield piece;
      this.options.onBytes?.(piece.length);
    }
  }

  private async *fileEntries(page: readonly { id: number; size: number }[]): AsyncGenerator<Buffer> {
    const { blobs, live, now } = this.options;
    const absent: number[] = [];
    for (const { id, size } of page) {
      const found = await blobs.openStream(id);
      if (found?.size !== size) {
        found?.stream.destroy();
        absent.push(id);
        continue;
      }
      yield* writeEntry({ kind: 'file', id, size }, this.watched(found.stream as AsyncIterable<Buffer>));
      this.summary.files++;
      this.summary.fileBytes += size;
    }
    if (absent.length === 0) return;
    // Members delete, and files expire, while the backup is made: their rows are gone too by now.
    const recorded = await live.recordedAmong(absent, Math.max(now, Date.now() / 1000));
    for (const id of absent) (recorded.has(id) ? this.summary.lost : this.summary.deleted).push(id);
  }
}
