import type { BlobStore, BlobStream } from '../../../storage/blob-store.js';
import { SAME_IDS, TRANSFER_TABLES, type TransferTable } from '../../../storage/transfer/transfer-tables.js';
import { withoutIndexes } from '../../../storage/transfer/table-catalog.js';
import type { TransferTarget, UnfinishedImport } from '../../../storage/transfer/transfer-target.js';
import { copyUploads, type Upload } from '../copy-uploads.js';
import { claimStoreForTransfer, completeStore } from '../transfer-store.js';
import { Findings } from '../findings.js';
import { ImportError, type ImportProgress } from '../import-error.js';
import { copyRows, digestTable, TransferStoppedError } from '../table-copier.js';
import type { Sogs } from './open-sogs.js';
import type { SogsCheck } from './sogs-check.js';
import { sogsRows } from './sogs-rows.js';
import { SOGS_RULES } from './sogs-rules.js';

export interface SogsImportOptions {
  sogs: Sogs;
  check: SogsCheck;
  target: TransferTarget;
  blobs: BlobStore;
  /** Hex. */
  publicKey: string;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ImportProgress) => void) | undefined;
}

/**
 * Fills an empty installation, which {@link UnfinishedImport} says to be unfinished until it was held against the source.
 * Every table is written whole or not at all, so that it can be gone on with from any point.
 */
export class SogsImport {
  constructor(private readonly options: SogsImportOptions) {}

  /** `state`: of an import that is gone on with, or of one that begins. */
  async run(state: UnfinishedImport): Promise<void> {
    const { target, blobs, check, publicKey, signal } = this.options;
    await claimStoreForTransfer(blobs, { server: publicKey, now: state.startedAt });
    await this.copyFiles();
    await this.writeTables(state);
    await target.session.transaction('read and write', async () => {
      await target.setRoomImages(check.images);
      await target.advanceSequences();
    });
    await this.verify(state);
    if (signal?.aborted) throw new TransferStoppedError('Stopped.');
    await completeStore(blobs, { server: publicKey, now: state.startedAt });
    await target.save(null);
    await target.analyze();
  }

  private async copyFiles(): Promise<void> {
    const { sogs, check, blobs, signal, onProgress } = this.options;
    const progress = { phase: 'files', done: 0, total: check.files.count } as const;
    let [done, bytes] = [0, 0];
    await copyUploads(uploadsOf(sogs, check), blobs, {
      isResumed: true,
      signal,
      onFile: (size) => {
        [done, bytes] = [done + 1, bytes + size];
        onProgress?.({ ...progress, done, bytes: { done: bytes, total: check.files.bytes } });
      },
    });
  }

  private async writeTables(state: UnfinishedImport): Promise<void> {
    const { target, check } = this.options;
    const total = sumOf(check.rows);
    let done = sumOf(
      Object.fromEntries(Object.entries(state.written).map(([name, { rows }]) => [name, rows])),
    );
    for (const table of TRANSFER_TABLES) {
      if (state.written[table.name]) continue;
      await target.session.transaction('read and write', async () => {
        state.written[table.name] = await this.writeTable(table, (rows) => {
          done += rows;
          this.options.onProgress?.({ phase: 'rows', done, total });
        });
        await target.save(state);
      });
    }
  }

  private async writeTable(table: TransferTable, onRows: (rows: number) => void) {
    const { sogs, check, target, signal } = this.options;
    const findings = new Findings(SOGS_RULES); // reported by the check already
    const pages = sogsRows(table.name, { ...sogs, ...check.judgedBy, findings });
    const written = await withoutIndexes(target.session, table.name, () =>
      copyRows(target.session, table, { pages, ids: SAME_IDS, signal, onRows }),
    );
    if (written.rows !== check.rows[table.name])
      throw new ImportError(
        `The source gave ${written.rows} rows for ${table.name}, when it was checked ${check.rows[table.name]}.`,
      );
    return written;
  }

  /** Reads everything back. */
  private async verify(state: UnfinishedImport): Promise<void> {
    const { target, check, onProgress } = this.options;
    const total = sumOf(check.rows);
    let done = 0;
    for (const table of TRANSFER_TABLES) {
      const onRows = (rows: number): void =>
        onProgress?.({ phase: 'verifying', done: (done += rows), total });
      const found = await digestTable(target.session, table, { onRows });
      const written = state.written[table.name]!;
      if (found.rows !== written.rows || found.digest !== written.digest)
        throw new ImportError(
          `What lies in the table ${table.name} is not what was written (${found.rows} of ${written.rows} rows). Does anybody else write there? Begin anew with --restart.`,
        );
    }
    const images = await target.roomImages();
    const wanted = [...check.images].sort((a, b) => a.roomId - b.roomId);
    if (JSON.stringify(images) !== JSON.stringify(wanted))
      throw new ImportError('The images of rooms are not as they should be. Begin anew with --restart.');
  }
}

/** Every file that will have a row. */
export async function* uploadsOf(
  { source, queries, uploads }: Sogs,
  check: SogsCheck,
): AsyncGenerator<Upload> {
  for await (const page of source.pages(queries.files))
    for (const row of page) {
      const [id, size, path] = [Number(row['id']), Number(row['size']), String(row['path'])];
      if (!check.presentFiles.has(id)) continue;
      const open = async (): Promise<BlobStream> => {
        const found = await uploads?.find(path, size);
        if (!found) throw new ImportError(`The file ${path} is gone since it was checked.`);
        return uploads!.open(found);
      };
      yield { id, size, open };
    }
}

export const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
