import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { BlobStore } from '../storage/blob-store.js';
import { Database } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import { HousekeepingRepository } from '../storage/housekeeping.repository.js';
import { FilesUnavailableError } from '../storage/storage-errors.js';
import { TombstonesRepository } from '../storage/tombstones.repository.js';

const BATCH = 500;
/** Tombstones take the room's lock, so that posts wait for them: smaller bites. */
const RETENTION_BATCH = 100;
/** Of one kind in one run. What is left is for the next run, 10 s later. */
const BATCHES_MAX = 20;
const DAY_SECONDS = 86_400;

/** What one run did, by kind. */
export type HousekeepingReport = Record<
  'files' | 'revisions' | 'directMessages' | 'activity' | 'logEntries' | 'recounted' | 'retired',
  number
>;

/** Forgetting in time (protocol.md §13). Every step can be interrupted anywhere and done again. */
@Injectable()
export class HousekeepingService {
  private readonly log = new Logger('housekeeping');
  /** Of expired files whose rows are gone, and whose bytes could not be removed. After a crash, the sweep finds them. */
  private unremoved: number[] = [];
  /** With the file store. */
  private trouble: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly housekeeping: HousekeepingRepository,
    private readonly tombstones: TombstonesRepository,
    private readonly files: FilesRepository,
    private readonly blobs: BlobStore,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<HousekeepingReport> {
    const now = this.clock.nowSeconds();
    const { lifetimes } = this.config;
    const drop = this.housekeeping;
    return {
      revisions: await inBatches(() => drop.dropRevisions(now - lifetimes.editHistorySeconds, BATCH)),
      directMessages: await inBatches(() => drop.dropDirectMessages(now, BATCH)),
      activity: await inBatches(() => drop.dropActivity(now - lifetimes.roomActivitySeconds, BATCH)),
      logEntries: await inBatches(() => drop.dropLogEntries(now - lifetimes.moderationLogSeconds, BATCH)),
      recounted: await drop.countActiveUsers(now - lifetimes.activeUserSeconds),
      retired: await this.retireMessages(now),
      // Last, since it may have to wait for a store that is away.
      files: await inBatches(() => this.removeFiles(now)),
    };
  }

  /**
   * Row first, then the bytes: what a crash leaves in between are bytes that nobody can reach, for the sweep. While the
   * store is away no more rows are taken, as what has expired is out of reach anyway.
   */
  private async removeFiles(now: number): Promise<number> {
    if (!(await this.removeBytes())) return 0;
    this.unremoved = await this.housekeeping.takeExpiredFiles(now, BATCH);
    const { length } = this.unremoved;
    return (await this.removeBytes()) ? length : 0;
  }

  /** False when the store is away, which is told once. */
  private async removeBytes(): Promise<boolean> {
    let trouble: string | undefined;
    try {
      if (this.unremoved.length > 0) await this.blobs.delete(this.unremoved);
      this.unremoved = [];
    } catch (error) {
      if (!(error instanceof FilesUnavailableError)) throw error;
      trouble = error.message;
    }
    if (trouble !== this.trouble)
      this.log.warn(trouble ? `Expired files wait. ${trouble}` : 'Expired files are being removed again.');
    this.trouble = trouble;
    return trouble === undefined;
  }

  /** Messages past their room's retention become tombstones, so that clients drop them too. */
  private async retireMessages(now: number): Promise<number> {
    let retired = 0;
    for (const { roomId, retentionDays } of await this.housekeeping.roomsWithRetention()) {
      const before = now - retentionDays * DAY_SECONDS;
      retired += await inBatches(() => this.retireInRoom(roomId, before, now), RETENTION_BATCH);
    }
    return retired;
  }

  private retireInRoom(roomId: number, before: number, now: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      const ids = await this.housekeeping.lockOldMessages(tx, roomId, before, RETENTION_BATCH);
      await this.files.expireOfMessages(tx, ids, now);
      await this.tombstones.bury(tx, roomId, ids, now);
      return ids.length;
    });
  }
}

/** Until a batch is not full, or enough was done for one run. */
async function inBatches(batch: () => Promise<number>, full = BATCH): Promise<number> {
  let total = 0;
  for (let count = 0; count < BATCHES_MAX; count++) {
    const done = await batch();
    total += done;
    if (done < full) break;
  }
  return total;
}
