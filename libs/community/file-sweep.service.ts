import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../protocol/clock.js';
import { BlobStore } from '../storage/blob-store.js';
import { FilesRepository } from '../storage/files.repository.js';

const PAGE = 500;
/** Bytes come before their row, and an upload may be under way: only older ones are called lost. */
const GRACE_SECONDS = 3600;

export interface SweepReport {
  /** Bytes without a row, removed. */
  orphanedBytes: number;
  /** Rows without bytes, removed: nobody could download them. */
  hollowRows: number;
}

/** Finds what crashes, restores and careless hands leave apart: bytes without rows, rows without bytes. */
@Injectable()
export class FileSweepService {
  private readonly log = new Logger('file sweep');

  constructor(
    private readonly files: FilesRepository,
    private readonly blobs: BlobStore,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<SweepReport> {
    const before = this.clock.nowSeconds() - GRACE_SECONDS;
    const report = {
      orphanedBytes: await this.removeOrphans(before),
      hollowRows: await this.removeHollow(before),
    };
    if (report.orphanedBytes > 0)
      this.log.warn(`removed ${report.orphanedBytes} stored files without a record`);
    if (report.hollowRows > 0)
      this.log.warn(`removed ${report.hollowRows} records of files whose bytes are gone`);
    return report;
  }

  private async removeOrphans(before: number): Promise<number> {
    let removed = 0;
    for await (const ids of this.blobs.storedBefore(before, PAGE)) {
      const known = await this.files.existing(ids);
      for (const id of ids.filter((one) => !known.has(one))) {
        await this.blobs.delete(id);
        removed++;
      }
    }
    return removed;
  }

  private async removeHollow(before: number): Promise<number> {
    let removed = 0;
    for (let afterId = 0; ;) {
      const ids = await this.files.uploadedBefore(before, afterId, PAGE);
      if (ids.length === 0) return removed;
      afterId = ids.at(-1)!;
      const hollow: number[] = [];
      for (const id of ids) if (!(await this.blobs.has(id))) hollow.push(id);
      if (hollow.length > 0) removed += await this.files.remove(hollow);
    }
  }
}
