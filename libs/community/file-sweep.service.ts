import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../protocol/clock.js';
import { BLOB_PAGE, BlobStore, type StoredBlob } from '../storage/blob-store.js';
import { FileInventoryRepository } from '../storage/file-inventory.repository.js';
import { FileStoreError, readMark, type StoreMark } from './file-store-mark.js';
import { IdSet } from './id-set.js';
import { ServerIdentity } from './server-identity.js';
import { areFewHollow, areFewOrphans, doubtsAbout, UPLOAD_GRACE_SECONDS } from './sweep-rules.js';

/** After a move, files that were uploaded meanwhile come later: no record is hollow before. */
const NEW_STORE_SECONDS = 7 * 86_400;
/** Of one kind in one run; what is left is for the next. */
const REMOVED_MAX = 10_000;

export interface SweepFindings {
  stored: { files: number; bytes: number };
  /** Not expired, and old enough to be judged. */
  recorded: number;
  /** Bytes without a record, that nobody can reach. */
  orphans: Finding;
  /** Bytes under ids that this database never gave out. */
  strangers: number;
  /** Records without bytes, that nobody can download. */
  hollow: Finding;
  /** Among them such as should last: room images, files of pinned messages. */
  hollowLasting: number;
  /** Complete sentences about what looks wrong, and is therefore left alone. */
  doubts: string[];
}

export interface Finding {
  count: number;
  /** The first of them. */
  ids: number[];
}

export interface SweepReport {
  /** Removed. */
  orphanedBytes: number;
  /** Removed. */
  hollowRows: number;
  /** See {@link SweepFindings}. */
  doubts: string[];
}

/**
 * Finds what crashes, restores and careless hands leave apart: bytes without records, records without bytes. It only
 * tidies up after accidents; whatever looks like a wrong or missing store is told and left alone.
 */
@Injectable()
export class FileSweepService {
  private readonly log = new Logger('file sweep');

  constructor(
    private readonly inventory: FileInventoryRepository,
    private readonly blobs: BlobStore,
    private readonly identity: ServerIdentity,
    private readonly clock: Clock,
  ) {}

  /** What the worker does by itself. */
  async run(): Promise<SweepReport> {
    const report = await this.tidy();
    for (const doubt of report.doubts) this.log.warn(doubt);
    if (report.orphanedBytes > 0)
      this.log.warn(`removed ${report.orphanedBytes} stored files without a record`);
    if (report.hollowRows > 0)
      this.log.warn(`removed ${report.hollowRows} records of files whose bytes are gone`);
    return report;
  }

  /** Looks, and removes what is few; or all, when an operator who has seen it says so. What should last stays. */
  async tidy({ evenIfMany = false } = {}): Promise<SweepReport> {
    const mark = await this.ownMark();
    if (typeof mark === 'string') return { orphanedBytes: 0, hollowRows: 0, doubts: [mark] };
    const { orphans, hollow, stored, recorded, doubts } = await this.look();
    const mayOrphans = evenIfMany || areFewOrphans(orphans.count, stored.files);
    const isSettled = mark.since + NEW_STORE_SECONDS <= this.clock.nowSeconds();
    const mayHollow = evenIfMany || (isSettled && areFewHollow(hollow.count, recorded));
    await this.blobs.removeUnfinished((await this.blobs.now()) - UPLOAD_GRACE_SECONDS);
    return {
      orphanedBytes: mayOrphans ? await this.removeOrphans(orphans) : 0,
      hollowRows: mayHollow ? await this.removeHollow(hollow) : 0,
      doubts,
    };
  }

  /** One pass over the store and one over the records; changes nothing. */
  async look(): Promise<SweepFindings> {
    const now = this.clock.nowSeconds();
    const storedBefore = (await this.blobs.now()) - UPLOAD_GRACE_SECONDS;
    const lastId = await this.inventory.lastId();
    const [present, orphans, hollow] = [new IdSet(), finding(), finding()];
    const stored = { files: 0, bytes: 0 };
    let [strangers, recorded, hollowLasting] = [0, 0, 0];
    for await (const page of this.blobs.list()) {
      for (const { id, size } of page) {
        present.add(id);
        stored.files++;
        stored.bytes += size;
      }
      for (const id of await this.unknownAmong(page, storedBefore)) {
        if (id > lastId) strangers++;
        else note(orphans, id);
      }
    }
    for await (const page of this.inventory.pages(now, now - UPLOAD_GRACE_SECONDS, BLOB_PAGE)) {
      recorded += page.length;
      for (const { id, lasting } of page.filter((row) => !present.has(row.id))) {
        note(hollow, id);
        if (lasting) hollowLasting++;
      }
    }
    const counts = { recorded, strangers, hollowLasting };
    const numbers = { ...counts, stored: stored.files, orphans: orphans.count, hollow: hollow.count };
    const doubts = doubtsAbout(numbers, this.blobs.url);
    const mark = await this.ownMark();
    if (typeof mark === 'string') doubts.unshift(mark);
    return { ...counts, stored, orphans, hollow, doubts };
  }

  /** A sentence about what is wrong when the store is not, or no longer, this server's. */
  private async ownMark(): Promise<StoreMark | string> {
    try {
      const mark = await readMark(this.blobs, this.identity.keys.publicKeyHex);
      if (mark?.complete) return mark;
    } catch (error) {
      if (!(error instanceof FileStoreError)) throw error;
      return error.message;
    }
    return `The file store ${this.blobs.url} lacks the mark of this server. Is the disk mounted, and FILES_URL right?`;
  }

  private async unknownAmong(page: readonly StoredBlob[], before: number): Promise<number[]> {
    const old = page.filter(({ storedAt }) => storedAt < before).map(({ id }) => id);
    if (old.length === 0) return [];
    const known = await this.inventory.known(old);
    return old.filter((id) => !known.has(id));
  }

  private async removeOrphans({ ids }: Finding): Promise<number> {
    for (let at = 0; at < ids.length; at += BLOB_PAGE) await this.blobs.delete(ids.slice(at, at + BLOB_PAGE));
    return ids.length;
  }

  /** Each is looked for once more by itself: a list may be behind. */
  private async removeHollow({ ids }: Finding): Promise<number> {
    const gone: number[] = [];
    for (const id of ids) if ((await this.blobs.sizeOf(id)) === undefined) gone.push(id);
    return gone.length === 0 ? 0 : this.inventory.removeHollow(gone);
  }
}

const finding = (): Finding => ({ count: 0, ids: [] });

function note(found: Finding, id: number): void {
  found.count++;
  if (found.ids.length < REMOVED_MAX) found.ids.push(id);
}
