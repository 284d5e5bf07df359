import { Injectable } from '@nestjs/common';
import {
  JobInterruptedError,
  type JobRun,
  type LongJobPayload,
  type LongJobProgress,
} from '../jobs/long-job-kinds.js';
import { fingerprintOf } from '../moderation/fingerprint.js';
import { readContent } from '../protocol/content.js';
import { Clock } from '../protocol/clock.js';
import { Database, type Transaction } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import { RoomsRepository, type RoomName } from '../storage/rooms.repository.js';
import { TombstonesRepository } from '../storage/tombstones.repository.js';
import { WavesRepository } from '../storage/waves.repository.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ServerIdentity } from './server-identity.js';

/** In one transaction: its tombstones hold the room, so that posts wait for them. */
const BATCH = 100;
/** A wave is over before there are more; what is beyond is left to people. */
const BATCHES_MAX = 200;

/** Messages of a spam wave in a room. */
export type Wave = LongJobPayload<'delete-wave'>;

/** Deletes what a spam wave left visible before a rule saw it. Can be interrupted anywhere and done again. */
@Injectable()
export class WaveCleanupService {
  constructor(
    private readonly database: Database,
    private readonly waves: WavesRepository,
    private readonly tombstones: TombstonesRepository,
    private readonly files: FilesRepository,
    private readonly rooms: RoomsRepository,
    private readonly log: ModerationLogService,
    private readonly server: ServerIdentity,
    private readonly clock: Clock,
  ) {}

  /** Throws JobInterruptedError when it is stopped. */
  async deleteWave(wave: Wave, run: JobRun): Promise<LongJobProgress> {
    const told = { rooms: 0, roomsTotal: 1, messages: run.before.messages };
    let afterId = 0;
    for (let batch = 0; batch < BATCHES_MAX; batch++) {
      if (run.signal.aborted) throw new JobInterruptedError();
      const { deleted, lastId } = await this.deleteBatch(wave, afterId);
      told.messages += deleted;
      await run.tell(told);
      if (lastId === undefined) break;
      afterId = lastId;
    }
    return { ...told, rooms: 1 };
  }

  /** The one message that a rule wants gone, which nobody has seen. */
  async deleteHidden(room: RoomName, messageId: number): Promise<void> {
    await this.database.transaction((tx) => this.bury(tx, room.id, [messageId]));
  }

  private deleteBatch(wave: Wave, afterId: number): Promise<{ deleted: number; lastId: number | undefined }> {
    const { roomId, since, authorId, rule } = wave;
    return this.database.transaction(async (tx) => {
      const span = { roomId, since, authorId };
      const candidates = await this.waves.candidates(tx, span, afterId, BATCH);
      const candidateIds = candidates.map(({ id }) => id);
      const hashes = (wave.files ?? []).map((hex) => Buffer.from(hex, 'hex'));
      const withFiles =
        hashes.length > 0 ? await this.waves.withFiles(tx, candidateIds, hashes) : new Set<number>();
      const matches = ({ id, data }: { id: number; data: Buffer }): boolean =>
        (wave.fingerprint === undefined && wave.files === undefined) ||
        withFiles.has(id) ||
        (wave.fingerprint !== undefined && fingerprintOf(readContent(data)?.body ?? '') === wave.fingerprint);
      const ids = candidates.filter(matches).map(({ id }) => id);
      if (ids.length > 0) {
        const [room] = await this.rooms.byIds([roomId]);
        await this.bury(tx, roomId, ids);
        await this.log.record(
          tx,
          { userId: this.server.userId, via: 'filter' },
          { action: 'message.delete-wave', room, detail: { rule, messages: ids.length } },
        );
      }
      return { deleted: ids.length, lastId: candidateIds.at(-1) };
    });
  }

  private async bury(tx: Transaction, roomId: number, ids: readonly number[]): Promise<void> {
    const now = this.clock.nowSeconds();
    await this.files.expireOfMessages(tx, ids, now);
    await this.tombstones.bury(tx, roomId, ids, now);
  }
}
