import { join } from 'node:path';
import { RunningDigest } from '../../../crypto/running-digest.js';
import { parseRoomToken } from '../../../protocol/ids.js';
import { FolderBlobStore } from '../../../storage/folder-blob-store.js';
import type { IdRange, RoomImage } from '../../../storage/transfer/transfer-target.js';
import type { TransferRow, TransferTableName } from '../../../storage/transfer/transfer-tables.js';
import type { Upload } from '../copy-uploads.js';
import { fileLines } from './file-lines.js';
import { ImportError } from '../import-error.js';
import type { Arrivals } from '../merge.js';
import { ArchiveLook } from './archive-look.js';
import type { ArchiveSeal } from './archive-seal.js';
import {
  ARCHIVE,
  ARCHIVE_FILES,
  isRow,
  readEnd,
  readHead,
  readImage,
  readRow,
  wrongLine,
  type ArchiveHead,
} from './archive-lines.js';

const PAGE_ROWS = 500;

export interface RoomArchiveOptions {
  /** What the room is to be called here, if not as it was. */
  token?: string | undefined;
  /** Of this server: an archive that bears it was written by it. */
  seal?: ArchiveSeal | undefined;
  /** The operator says that this server wrote it, although it bears no seal. */
  isTrusted?: boolean | undefined;
}

/** An archived room, which was read once to its end and found whole. */
export class RoomArchive {
  readonly rows: Record<string, number> = {};
  private readonly ranges: Record<string, IdRange> = {};
  private readonly images: RoomImage[] = [];
  private readonly roomIds: number[] = [];
  private readonly files: FolderBlobStore;
  private readonly look = new ArchiveLook();
  private head!: ArchiveHead;
  private isVouchedFor = false;

  private constructor(
    private readonly folder: string,
    private readonly options: RoomArchiveOptions,
  ) {
    this.files = new FolderBlobStore(join(folder, ARCHIVE_FILES));
  }

  /** Throws {@link ImportError}. */
  static async open(folder: string, options: RoomArchiveOptions = {}): Promise<RoomArchive> {
    if (options.token !== undefined && !parseRoomToken(options.token))
      throw new ImportError(`"${options.token}" is no token of a room.`);
    const archive = new RoomArchive(folder, options);
    await archive.check();
    return archive;
  }

  get arrivals(): Arrivals {
    return {
      publicKey: this.head.publicKey,
      isVouchedFor: this.isVouchedFor,
      tokens: [this.options.token ?? this.head.token],
      roomIds: this.roomIds,
      ranges: this.ranges,
      images: this.images,
      rowCount: Object.values(this.rows).reduce((sum, count) => sum + count, 0),
      fileCount: this.rows['files'] ?? 0,
      rows: (table) => this.pagesOf(table),
      uploads: () => this.uploads(),
    };
  }

  private async check(): Promise<void> {
    const digest = new RunningDigest();
    let [held, at] = [undefined as string | undefined, 0];
    for await (const line of this.lines()) {
      if (held !== undefined) {
        digest.add(Buffer.from(`${held}\n`));
        await this.lookAt(held, at);
      }
      [held, at] = [line, at + 1];
    }
    const end = readEnd(held, Math.max(at, 1));
    if (end.lines !== at - 1 || end.sha256 !== digest.hex())
      throw new ImportError(
        `${join(this.folder, ARCHIVE)} was changed or cut off. Nothing was changed here.`,
      );
    this.look.end();
    const { seal, isTrusted = false } = this.options;
    this.isVouchedFor = isTrusted || (end.seal !== undefined && seal?.isUnder(end.sha256, end.seal) === true);
  }

  private async lookAt(line: string, at: number): Promise<void> {
    if (at === 1) {
      this.look.at(at).start((this.head = readHead(line)));
      return;
    }
    if (!isRow(line)) {
      const image = readImage(line, at);
      this.look.at(at).image(image);
      this.images.push(image);
      return;
    }
    const { table, row, sha256 } = readRow(line, at);
    this.look.at(at).row(table, row);
    this.rows[table.name] = (this.rows[table.name] ?? 0) + 1;
    const id = row['id'];
    if (typeof id === 'number') {
      const range = (this.ranges[table.name] ??= { least: id, most: id });
      [range.least, range.most] = [Math.min(range.least, id), Math.max(range.most, id)];
    }
    if (table.name === 'rooms') this.roomIds.push(id as number);
    if (table.name === 'files' && !(await this.isThere(id as number, row['size'] as number, sha256)))
      throw wrongLine(at, `the file ${String(id)} is not in ${ARCHIVE_FILES}, or was changed`);
  }

  private async isThere(id: number, size: number, sha256: string | undefined): Promise<boolean> {
    const found = await this.files.openStream(id);
    if (found?.size !== size) {
      found?.stream.destroy();
      return false;
    }
    const digest = new RunningDigest();
    for await (const piece of found.stream) digest.add(piece as Buffer);
    return digest.hex() === sha256;
  }

  private async *pagesOf(table: TransferTableName): AsyncGenerator<TransferRow[]> {
    const { token } = this.options;
    let [page, at] = [[] as TransferRow[], 0];
    for await (const line of this.lines()) {
      at++;
      if (!isRow(line, table)) continue;
      const { row } = readRow(line, at);
      page.push(table === 'rooms' && token !== undefined ? { ...row, token } : row);
      if (page.length < PAGE_ROWS) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  private async *uploads(): AsyncGenerator<Upload> {
    for await (const page of this.pagesOf('files'))
      for (const row of page) {
        const id = row['id'] as number;
        const openFile = async () => {
          const found = await this.files.openStream(id);
          if (!found) throw new ImportError(`The file ${id} of the archive is gone.`);
          return found;
        };
        yield { id, size: row['size'] as number, open: openFile };
      }
  }

  private async *lines(): AsyncGenerator<string> {
    yield* fileLines({ root: this.folder, path: ARCHIVE });
  }
}
