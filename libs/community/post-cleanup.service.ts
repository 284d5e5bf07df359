import { Injectable } from '@nestjs/common';
import {
  JobInterruptedError,
  type JobRun,
  type LongJobPayload,
  type LongJobProgress,
} from '../jobs/long-job-kinds.js';
import { Clock } from '../protocol/clock.js';
import { ModerationLogRepository } from '../storage/moderation-log.repository.js';
import { TombstonesRepository } from '../storage/tombstones.repository.js';
import { DeletionsService } from './deletions.service.js';

/** In one transaction: posts in the room wait for it. */
const BATCH = 500;

/** Deleting that goes over many rooms: bit by bit, each bit whole with its entry in the moderation log. */
@Injectable()
export class PostCleanupService {
  constructor(
    private readonly tombstones: TombstonesRepository,
    private readonly deletions: DeletionsService,
    private readonly moderationLog: ModerationLogRepository,
    private readonly clock: Clock,
  ) {}

  /** What {@link deletePosts} would find in these rooms, or (null) in all: messages, and rooms with any or with uploads. */
  async survey(
    authorId: number,
    roomIds: readonly number[] | null,
  ): Promise<{ rooms: number; messages: number }> {
    const rooms = await this.tombstones.roomsOfAuthor(authorId, roomIds, this.clock.nowSeconds());
    return { rooms: rooms.length, messages: await this.tombstones.countOfAuthor(authorId, roomIds) };
  }

  /**
   * Everything by somebody, room after room. It goes by what is left, so that it may be interrupted anywhere and run
   * again; what earlier runs deleted is counted from the log. Throws {@link JobInterruptedError} when it is stopped.
   */
  async deletePosts(
    { actor, authorId, roomIds }: LongJobPayload<'delete-posts'>,
    run: JobRun,
  ): Promise<LongJobProgress> {
    const left = await this.tombstones.roomsOfAuthor(authorId, roomIds, this.clock.nowSeconds());
    const roomsTotal = Math.max(run.before.roomsTotal, left.length);
    let rooms = roomsTotal - left.length;
    let messages = await this.moderationLog.deletedByJob(authorId, run.key);
    await run.tell({ rooms, roomsTotal, messages });
    for (const roomId of left) {
      for (let deleted = BATCH; deleted === BATCH;) {
        if (run.signal.aborted) throw new JobInterruptedError();
        const from = { roomId, authorId, limit: BATCH, job: run.key };
        deleted = await this.deletions.deleteSome(actor, from);
        messages += deleted;
        if (deleted < BATCH) rooms++;
        await run.tell({ rooms, roomsTotal, messages });
      }
    }
    return { rooms, roomsTotal, messages };
  }
}
