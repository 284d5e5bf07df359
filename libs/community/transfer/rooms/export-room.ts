import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RunningDigest } from '../../../crypto/running-digest.js';
import type { BlobStore } from '../../../storage/blob-store.js';
import { FolderBlobStore } from '../../../storage/folder-blob-store.js';
import type { TransferTarget } from '../../../storage/transfer/transfer-target.js';
import {
  peopleQuery,
  tableQuery,
  TRANSFER_TABLES,
  transferTable,
} from '../../../storage/transfer/transfer-tables.js';
import { TransferStoppedError } from '../table-copier.js';
import {
  ARCHIVE,
  ARCHIVE_FILES,
  endLine,
  headLine,
  imageLine,
  rowLine,
  type ArchiveHead,
} from './archive-lines.js';
import type { ArchiveSeal } from './archive-seal.js';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

export interface RoomExportOptions {
  /** Where it is read, in a transaction that sees one moment. */
  from: TransferTarget;
  blobs: BlobStore;
  roomId: number;
  head: ArchiveHead;
  /** By the key of this server; without it the archive is as good as a stranger's. */
  seal: ArchiveSeal | undefined;
  /** Made if need be. */
  folder: string;
  signal?: AbortSignal | undefined;
  onRows?: ((rows: number) => void) | undefined;
}

export interface RoomExportReport {
  rows: Record<string, number>;
  /** Recorded files that are not in the store, and were left out. */
  lostFiles: number[];
}

/** Writes a room with everything that belongs to it, and those whom it names. The archive is there whole or not at all. */
export async function exportRoom(options: RoomExportOptions): Promise<RoomExportReport> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  const draft = join(folder, `${ARCHIVE}.partial`);
  const exporter = new RoomExporter(options, new FolderBlobStore(join(folder, ARCHIVE_FILES)));
  await pipeline(() => exporter.text(), createWriteStream(draft, { mode: OWNER_ONLY_FILE }));
  await rename(draft, join(folder, ARCHIVE));
  return exporter.report;
}

class RoomExporter {
  readonly report: RoomExportReport = { rows: {}, lostFiles: [] };
  private readonly digest = new RunningDigest();
  private lines = 0;

  constructor(
    private readonly options: RoomExportOptions,
    private readonly archive: BlobStore,
  ) {}

  async *text(): AsyncGenerator<Buffer> {
    for await (const lines of this.pages()) {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      this.digest.add(bytes);
      this.lines += lines.length;
      yield bytes;
    }
    const sha256 = this.digest.hex();
    const seal = this.options.seal?.of(sha256);
    yield Buffer.from(`${endLine({ lines: this.lines, sha256, ...(seal && { seal }) })}\n`);
  }

  private async *pages(): AsyncGenerator<string[]> {
    const { from, roomId, head } = this.options;
    yield [headLine(head)];
    const users = transferTable('users');
    yield* this.rowsOf('users', peopleQuery(users, [roomId]));
    for (const table of TRANSFER_TABLES)
      if (table.ofRooms !== undefined) yield* this.rowsOf(table.name, tableQuery(table, [roomId]));
    const images = (await from.roomImages()).filter((image) => image.roomId === roomId);
    yield images.filter(({ fileId }) => !this.report.lostFiles.includes(fileId)).map(imageLine);
  }

  private async *rowsOf(
    name: (typeof TRANSFER_TABLES)[number]['name'],
    query: string,
  ): AsyncGenerator<string[]> {
    const { from, signal, onRows } = this.options;
    const table = transferTable(name);
    this.report.rows[name] = 0;
    for await (const page of from.session.pages<Record<string, unknown>>(query)) {
      if (signal?.aborted) throw new TransferStoppedError('Stopped.');
      const lines = name === 'files' ? await this.fileLines(page) : page.map((row) => rowLine(table, row));
      this.report.rows[name] += lines.length;
      onRows?.(lines.length);
      yield lines;
    }
  }

  /** Copies the bytes; files that have expired are no longer anybody's. */
  private async fileLines(page: Record<string, unknown>[]): Promise<string[]> {
    const { blobs, head } = this.options;
    const lines: string[] = [];
    for (const row of page) {
      const [id, size, expiresAt] = [
        row['id'] as number,
        row['size'] as number,
        row['expires_at'] as number | null,
      ];
      if (expiresAt !== null && expiresAt <= head.exportedAt) continue;
      const found = await blobs.openStream(id);
      if (found?.size !== size) {
        found?.stream.destroy();
        this.report.lostFiles.push(id);
        continue;
      }
      const digest = new RunningDigest();
      await this.archive.putStream(id, { size, stream: Readable.from(digest.along(found.stream)) });
      lines.push(rowLine(transferTable('files'), row, digest.hex()));
    }
    return lines;
  }
}
