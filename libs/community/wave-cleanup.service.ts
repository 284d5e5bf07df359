import { Injectable } from '@nestjs/common';
import { fingerprintOf } from '../moderation/fingerprint.js';
import { readContent } from '../protocol/content.js';
import { Clock } from '../protocol/clock.js';
import { Database } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import { RoomsRepository } from '../storage/rooms.repository.js';
import { TombstonesRepository } from '../storage/tombstones.repository.js';
import { WavesRepository } from '../storage/waves.repository.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ServerIdentity } from './server-identity.js';

/** In one transaction: its tombstones hold the room, so that posts wait for them. */
const BATCH = 100;
/** A wave is over before there are more; what is beyond is left to people. */
const BATCHES_MAX = 200;

/** Messages of a spam wave in a room: of one author, or copies of a text or of files. Plain JSON. */
export interface Wave {
  roomId: number;
  /** Unix seconds: not posted before. */
  since: number;
  /** Which rule saw it, for the log. */
  rule: string;
  authorId?: number | undefined;
  /** As `fingerprintOf` gives it. */
  fingerprint?: string | undefined;
  /** SHA-256 of files, in hex. */
  files?: readonly string[] | undefined;
}

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

  /** Returns how many messages were deleted. */
  async deleteWave(wave: Wave): Promise<number> {
    let [deleted, afterId] = [0, 0];
    for (let batch = 0; batch < BATCHES_MAX; batch++) {
      const done = await this.deleteBatch(wave, afterId);
      deleted += done.deleted;
      if (done.lastId === undefined) break;
      afterId = done.lastId;
    }
    return deleted;
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
        const now = this.clock.nowSeconds();
        await this.files.expireOfMessages(tx, ids, now);
        await this.tombstones.bury(tx, roomId, ids, now);
        await this.log.record(
          tx,
          { userId: this.server.userId, via: 'filter' },
          { action: 'message.delete-wave', room, detail: { rule, messages: ids.length } },
        );
      }
      return { deleted: ids.length, lastId: candidateIds.at(-1) };
    });
  }
}
