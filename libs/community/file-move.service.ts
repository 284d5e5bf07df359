import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../protocol/clock.js';
import { BLOB_PAGE, type BlobStore } from '../storage/blob-store.js';
import { FileInventoryRepository, type RecordedFile } from '../storage/file-inventory.repository.js';
import { FilesUnavailableError } from '../storage/storage-errors.js';
import { FileStoreError, readMark, removeMark } from './file-store-mark.js';
import { IdSet } from './id-set.js';
import { completeDestination, prepareDestination, refuseSame } from './move-destination.js';
import { ServerIdentity } from './server-identity.js';
import { areFewHollow, UPLOAD_GRACE_SECONDS } from './sweep-rules.js';

const AT_ONCE = 8;
const ATTEMPTS_MAX = 4;
const RETRY_PAUSE_MS = 250;

export interface FileMove {
  from: BlobStore;
  to: BlobStore;
  /** Takes no more files, finishes those that are under way, and reports how far it came. */
  signal?: AbortSignal;
  /** After every file that was copied, and every page of those that were there. */
  onProgress?: (progress: FileMoveProgress) => void;
}

export interface FileMoveProgress {
  phase: 'comparing' | 'copying';
  /** Files at the destination that were looked at. */
  compared: number;
  /** All that are to be at the destination, as counted at the start. */
  files: number;
  bytes: number;
  /** There before, of the right size. */
  skipped: FileCount;
  copied: FileCount;
}

export interface FileCount {
  files: number;
  bytes: number;
}

export interface FileMoveReport extends FileMoveProgress {
  /** `doubtful`: so much is missing at the source that it may be the wrong one. */
  state: 'complete' | 'stopped' | 'doubtful';
  /** Recorded, but neither at the source nor at the destination. */
  missing: number;
  /** Not as long at the source as recorded, and left there. */
  damaged: number;
}

export interface SourceToEmpty {
  from: BlobStore;
  to: BlobStore;
  signal?: AbortSignal;
  onRemoved?: (soFar: EmptiedSource) => void;
}

/** What {@link FileMoveService.emptySource} did. */
export interface EmptiedSource {
  removed: number;
  /** Left, since the destination lacks them. */
  kept: number;
  /** Left, since they have no record, but may be of an upload under way or of another server. */
  unclear: number;
}

/** Copies all files from one store to another; done again, only what is new. Files that expire meanwhile are left out. */
@Injectable()
export class FileMoveService {
  constructor(
    private readonly inventory: FileInventoryRepository,
    private readonly identity: ServerIdentity,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws {@link FileStoreError} for stores of another server, and FilesUnavailableError when one of them stays away;
   * either way it can be called again and goes on where it was.
   */
  async copy({ from, to, signal, onProgress }: FileMove): Promise<FileMoveReport> {
    const server = this.identity.keys.publicKeyHex;
    if (!(await readMark(from, server)) && !(await holdsFiles(from)))
      throw new FileStoreError(
        `There are no files in ${from.url}, and no server has kept any there. Is it the right place? Nothing was copied.`,
      );
    await prepareDestination(to, from, { inventory: this.inventory, server, now: this.clock.nowSeconds() });
    const report: FileMoveReport = {
      phase: 'comparing',
      compared: 0,
      ...(await this.inventory.totals(this.clock.nowSeconds())),
      state: 'stopped',
      skipped: { files: 0, bytes: 0 },
      copied: { files: 0, bytes: 0 },
      missing: 0,
      damaged: 0,
    };
    const present = await this.presentIn(to, (count) => {
      report.compared += count;
      onProgress?.(report);
    });
    report.phase = 'copying';
    const files = this.filesToCopy(present, report);
    const worker = async (): Promise<void> => {
      for await (const file of files) {
        if (signal?.aborted) return;
        await this.copyOne(file, { from, to, ...(signal && { signal }) }, report);
        onProgress?.(report);
      }
    };
    // One that returns or fails ends the generator, and so the others after the files that they are at.
    await rejectAfterAll(Array.from({ length: AT_ONCE }, worker));
    if (signal?.aborted) return report;
    const isDoubtful = !areFewHollow(report.missing, report.files);
    report.state = isDoubtful ? 'doubtful' : 'complete';
    if (!isDoubtful) await completeDestination(to, { server, now: this.clock.nowSeconds() });
    return report;
  }

  /**
   * Removes from the source what is at the destination in the right size, and what no record wants any more; then its mark,
   * so that no server starts on it again. The caller knows that no server works on the source.
   */
  async emptySource({ from, to, signal, onRemoved }: SourceToEmpty): Promise<EmptiedSource> {
    const server = this.identity.keys.publicKeyHex;
    await readMark(from, server);
    if (!(await readMark(to, server))?.complete)
      throw new FileStoreError(`${to.url} is not complete, so nothing is removed from ${from.url}.`);
    await refuseSame(from, to);
    const present = await this.presentIn(to);
    const now = this.clock.nowSeconds();
    const storedBefore = (await from.now()) - UPLOAD_GRACE_SECONDS;
    const lastId = await this.inventory.lastId();
    const result: EmptiedSource = { removed: 0, kept: 0, unclear: 0 };
    for await (const page of from.list()) {
      if (signal?.aborted) return result;
      const live = await this.inventory.liveAmong(
        page.map(({ id }) => id),
        now,
      );
      const spare: number[] = [];
      for (const { id, storedAt } of page) {
        if (live.has(id) ? present.has(id) : id <= lastId && storedAt < storedBefore) spare.push(id);
        else if (live.has(id)) result.kept++;
        else result.unclear++;
      }
      await from.delete(spare);
      result.removed += spare.length;
      onRemoved?.(result);
    }
    if (result.kept === 0) await removeMark(from);
    return result;
  }

  /** Ids of the files that are there as recorded. */
  private async presentIn(to: BlobStore, onPage?: (files: number) => void): Promise<IdSet> {
    const present = new IdSet();
    for await (const page of to.list()) {
      const live = await this.inventory.liveAmong(
        page.map(({ id }) => id),
        this.clock.nowSeconds(),
      );
      for (const { id, size } of page) if (live.get(id)?.size === size) present.add(id);
      onPage?.(page.length);
    }
    return present;
  }

  private async *filesToCopy(
    present: IdSet,
    { skipped }: FileMoveReport,
  ): AsyncGenerator<RecordedFile, void> {
    const now = this.clock.nowSeconds();
    for await (const page of this.inventory.pages(now, Infinity, BLOB_PAGE)) {
      for (const file of page) {
        if (!present.has(file.id)) yield file;
        else {
          skipped.files++;
          skipped.bytes += file.size;
        }
      }
    }
  }

  private async copyOne(
    { id, size }: RecordedFile,
    { from, to, signal }: FileMove,
    report: FileMoveReport,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const opened = await from.openStream(id);
        if (!opened) return await this.noteAbsence(id, to, report);
        if (opened.size !== size) {
          opened.stream.destroy();
          report.damaged++;
          return;
        }
        await to.putStream(id, opened).finally(() => opened.stream.destroy());
        report.copied.files++;
        report.copied.bytes += size;
        return;
      } catch (error) {
        if (signal?.aborted) return;
        if (attempt >= ATTEMPTS_MAX || !(error instanceof FilesUnavailableError)) throw error;
        await delay(RETRY_PAUSE_MS * 2 ** attempt);
      }
    }
  }

  /** A file that expired meanwhile is no loss, and neither is one that was uploaded to the destination just now. */
  private async noteAbsence(id: number, to: BlobStore, report: FileMoveReport): Promise<void> {
    const live = await this.inventory.liveAmong([id], this.clock.nowSeconds());
    if (live.has(id) && (await to.sizeOf(id)) === undefined) report.missing++;
  }
}

async function holdsFiles(store: BlobStore): Promise<boolean> {
  for await (const page of store.list()) if (page.length > 0) return true;
  return false;
}

/** When all have ended, fails if one of them did: nothing goes on behind the caller's back. */
async function rejectAfterAll(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
