import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { BlobStore } from '../storage/blob-store.js';
import { Database } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import { HousekeepingRepository, type RoomPastRetention } from '../storage/housekeeping.repository.js';
import { StorageUnavailableError } from '../storage/storage-errors.js';
import { TombstonesRepository } from '../storage/tombstones.repository.js';
import { RaidsService } from './raids.service.js';

const DAY_SECONDS = 86_400;
const BATCH = 500;
/** Of one kind in one run. What is left is for the next run, 10 s later. */
const BATCHES_MAX = 20;
/** Their bytes may be on the other side of a network. */
const FILE_BATCHES_MAX = 4;
const FILES_AT_ONCE = 8;
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
  | 'activity'
  | 'logEntries'
  | 'arrivals'
  | 'raids'
  | 'recounted'
  | 'retired',
  number
>;

type Steps = { readonly [Kind in keyof HousekeepingReport]: () => Promise<number> };

/** Forgetting in time (protocol.md §13). Every step can be interrupted anywhere and done again. */
@Injectable()
export class HousekeepingService {
  private readonly log = new Logger('housekeeping');

  constructor(
    private readonly database: Database,
    private readonly housekeeping: HousekeepingRepository,
    private readonly tombstones: TombstonesRepository,
    private readonly files: FilesRepository,
    private readonly blobs: BlobStore,
    private readonly raids: RaidsService,
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
      files: () => inBatches(() => this.removeFiles(now), FILE_BATCHES_MAX),
      revisions: () => inBatches(() => drop.dropRevisions(now - lifetimes.editHistorySeconds, BATCH)),
      directMessages: () => inBatches(() => drop.dropDirectMessages(now, BATCH)),
      activity: () => inBatches(() => drop.dropActivity(now - lifetimes.roomActivitySeconds, BATCH)),
      logEntries: () => inBatches(() => drop.dropLogEntries(now - lifetimes.moderationLogSeconds, BATCH)),
      arrivals: () => inBatches(() => drop.coarsenArrivals(now - DAY_SECONDS, BATCH)),
      raids: () => this.raids.open(),
      recounted: () =>
        this.database.transaction((tx) => drop.countActiveUsers(tx, now - lifetimes.activeUserSeconds)),
      retired: () => this.retireMessages(now, signal),
    };
  }

  /** Row first, then the bytes: what a crash or a failure leaves are bytes that nobody can reach, for the sweep. */
  private async removeFiles(now: number): Promise<number> {
    const ids = await this.housekeeping.takeExpiredFiles(now, BATCH);
    let left = 0;
    for (let at = 0; at < ids.length; at += FILES_AT_ONCE) {
      const removed = await Promise.allSettled(
        ids.slice(at, at + FILES_AT_ONCE).map((id) => this.blobs.delete(id)),
      );
      left += removed.filter(({ status }) => status === 'rejected').length;
    }
    if (left > 0) this.log.warn(`${left} expired files could not be removed from the store; the sweep will`);
    return ids.length;
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
