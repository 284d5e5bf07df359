import { Injectable } from '@nestjs/common';
import { Clock } from '../protocol/clock.js';
import { FileInventoryRepository, type FileTotals } from '../storage/file-inventory.repository.js';
import { FileUsageRepository, type RoomUsage, type UploaderUsage } from '../storage/file-usage.repository.js';

export interface FileUsage extends FileTotals {
  rooms: RoomUsage[];
  uploaders: UploaderUsage[];
}

/** Who fills the file store, for its operator. */
@Injectable()
export class FileUsageService {
  constructor(
    private readonly inventory: FileInventoryRepository,
    private readonly usage: FileUsageRepository,
    private readonly clock: Clock,
  ) {}

  /** All rooms with files, and the `top` uploaders, the largest first; without what has expired. */
  async overview(top: number): Promise<FileUsage> {
    const now = this.clock.nowSeconds();
    const [totals, rooms, uploaders] = await Promise.all([
      this.inventory.totals(now),
      this.usage.byRoom(now),
      this.usage.byUploader(now, top),
    ]);
    return { ...totals, rooms, uploaders };
  }
}
