import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { BlobStore } from '../storage/blob-store.js';
import { Database } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import { HousekeepingRepository, type RoomPastRetention } from '../storage/housekeeping.repository.js';
import { FilesUnavailableError, StorageUnavailableError } from '../storage/storage-errors.js';
import { TombstonesRepository } from '../storage/tombstones.repository.js';
import { ANSWER_SECONDS } from './admin/admin-answers.service.js';
import { RaidsService } from './raids.service.js';
import { StatisticsService } from './statistics/statistics.service.js';
import { WebhookDeliveryService } from './webhooks/webhook-delivery.service.js';

const DAY_SECONDS = 86_400;
const BATCH = 500;
/** Of one kind in one run. What is left is for the next run, 10 s later. */
const BATCHES_MAX = 20;
/** Their bytes may be on the other side of a network. */
const FILE_BATCHES_MAX = 4;
/**
 * Messages retired in one room in one run. Clients get a tombstone for each, at most 100 in a poll, and new messages
 * only after those: with five a second, one that polls every ten seconds keeps up. So a room with a million old
 * messages takes about two days, in which nobody notices.
 */
const RETIRED_PER_ROOM = 50;
export const RETIRED_PER_SECOND = 5;

/** What one run did, by kind. */
export type HousekeepingReport = Record<
  | 'files'
  | 'revisions'
  | 'directMessages'
  | 'adminAccess'
  | 'activity'
  | 'logEntries'
  | 'arrivals'
  | 'spareNames'
  | 'raids'
  | 'recounted'
  | 'statistics'
  | 'webhookDeliveries'
  | 'retired',
  number
>;

type Steps = { readonly [Kind in keyof HousekeepingReport]: () => Promise<number> };

/** Forgetting in time (protocol.md §13). Every step can be interrupted anywhere and done again. */
@Injectable()
export class HousekeepingService {
  private readonly log = new Logger('housekeeping');
  /** Of expired files whose rows are gone, and whose bytes could not be removed. After a crash, the sweep finds them. */
  private readonly unremoved = new Set<number>();
  /** With the file store. */
  private trouble: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly housekeeping: HousekeepingRepository,
    private readonly tombstones: TombstonesRepository,
    private readonly files: FilesRepository,
    private readonly blobs: BlobStore,
    private readonly raids: RaidsService,
    private readonly statistics: StatisticsService,
    private readonly webhooks: WebhookDeliveryService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * One bounded run; with `signal` aborted it ends after the batch that is under way. A step that fails does not keep
   * the others from being done; then the run as a whole fails, with the first error.
   */
  async run(signal: AbortSignal = new AbortController().signal): Promise<HousekeepingReport> {
    const steps = this.steps(this.clock.nowSeconds(), signal);
    const report: Partial<HousekeepingReport> = {};
    const errors: unknown[] = [];
    for (const kind of Object.keys(steps) as (keyof HousekeepingReport)[]) {
      try {
        report[kind] = signal.aborted ? 0 : await steps[kind]();
      } catch (error) {
        if (error instanceof StorageUnavailableError) throw error;
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    return report as HousekeepingReport;
  }

  private steps(now: number, signal: AbortSignal): Steps {
    const { lifetimes } = this.config;
    const drop = this.housekeeping;
    const inBatches = (batch: () => Promise<number>, batchesMax = BATCHES_MAX): Promise<number> =>
      untilDone(batch, { batchesMax, signal });
    return {
      revisions: () => inBatches(() => drop.dropRevisions(now - lifetimes.editHistorySeconds, BATCH)),
      directMessages: () => inBatches(() => drop.dropDirectMessages(now, BATCH)),
      adminAccess: () => inBatches(() => drop.dropAdminAccess(now, now - ANSWER_SECONDS, BATCH)),
      activity: () => inBatches(() => drop.dropActivity(now - lifetimes.roomActivitySeconds, BATCH)),
      logEntries: () => inBatches(() => drop.dropLogEntries(now - lifetimes.moderationLogSeconds, BATCH)),
      arrivals: () => inBatches(() => drop.coarsenArrivals(now - DAY_SECONDS, BATCH)),
      spareNames: () => inBatches(() => drop.dropSpareNames(BATCH)),
      raids: () => this.raids.open(),
      recounted: () =>
        this.database.transaction((tx) => drop.countActiveUsers(tx, now - lifetimes.activeUserSeconds)),
      statistics: () => this.statistics.keep(),
      webhookDeliveries: () => this.webhooks.forget(),
      retired: () => this.retireMessages(now, signal),
      // Last, since it may have to wait for a store that is away.
      files: () => inBatches(() => this.removeFiles(now), FILE_BATCHES_MAX),
    };
  }

  /**
   * Row first, then the bytes: what a crash leaves in between are bytes that nobody can reach, for the sweep. While the
   * store is away no more rows are taken, as what has expired is out of reach anyway.
   */
  private async removeFiles(now: number): Promise<number> {
    if (!(await this.removeBytes())) return 0;
    const taken = await this.housekeeping.takeExpiredFiles(now, BATCH);
    for (const id of taken) this.unremoved.add(id);
    return (await this.removeBytes()) ? taken.length : 0;
  }

  /** False when the store is away, which is told once. */
  private async removeBytes(): Promise<boolean> {
    let trouble: string | undefined;
    try {
      const ids = [...this.unremoved];
      if (ids.length > 0) await this.blobs.delete(ids);
      for (const id of ids) this.unremoved.delete(id);
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
  private async retireMessages(now: number, signal: AbortSignal): Promise<number> {
    let retired = 0;
    for (const room of await this.housekeeping.roomsPastRetention(now)) {
      if (signal.aborted) break;
      retired += await this.retireInRoom(room, now);
    }
    return retired;
  }

  private retireInRoom({ roomId, before }: RoomPastRetention, now: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      const ids = await this.housekeeping.lockOldMessages(tx, roomId, before, RETIRED_PER_ROOM);
      await this.files.expireOfMessages(tx, ids, now);
      await this.tombstones.bury(tx, roomId, ids, now);
      return ids.length;
    });
  }
}

/** Until a batch is not full, or enough was done for one run, or the run is to end. */
async function untilDone(
  batch: () => Promise<number>,
  { batchesMax, signal }: { batchesMax: number; signal: AbortSignal },
): Promise<number> {
  let total = 0;
  for (let count = 0; count < batchesMax && !signal.aborted; count++) {
    const done = await batch();
    total += done;
    if (done < BATCH) break;
  }
  return total;
}
