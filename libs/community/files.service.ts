import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { Config } from '../config/config.js';
import { FileInspector } from '../moderation/file-facts/file-inspector.js';
import { Clock } from '../protocol/clock.js';
import { notFound, payloadTooLarge } from '../protocol/errors.js';
import { storedFileName } from '../protocol/file-name.js';
import { UnavailableError } from '../protocol/unavailable-error.js';
import { BlobStore } from '../storage/blob-store.js';
import { FilesRepository, type FileFacts, type FileRecord } from '../storage/files.repository.js';
import type { RoomRecord } from '../storage/rooms.repository.js';
import { ModerationRulesService } from './moderation-rules.service.js';
import type { RoomAccess } from './room-access.js';
import { StatisticsRecorder } from './statistics/statistics-recorder.js';
import { UploadLimits } from './upload-limits.js';

type Bytes = Promise<Buffer | undefined>;
/** Lets bytes of this size be read, or throws. */
export type ReadWithin = (size: number, bytes: () => Bytes) => Bytes;

/** Uploads (protocol.md §8). Callers have checked room access. */
@Injectable()
export class FilesService implements OnApplicationShutdown {
  private readonly inspector = new FileInspector();

  constructor(
    private readonly files: FilesRepository,
    private readonly blobs: BlobStore,
    private readonly rules: ModerationRulesService,
    private readonly statistics: StatisticsRecorder,
    private readonly uploadLimits: UploadLimits,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Keeps an upload until a message takes it, or its time is over; returns its id. Bytes first, then the row: a
   * crash in between leaves bytes that a sweep finds, never a row without bytes. Throws 413, and 429 for who is no
   * moderator.
   */
  async upload(
    uploader: { user: Pick<Identity['user'], 'id'> },
    { room, moderator: isModerator }: RoomAccess,
    bytes: Buffer,
    filename: string | undefined,
  ): Promise<number> {
    if (bytes.length > this.config.limits.fileBytesMax) throw payloadTooLarge();
    const upload = { userId: uploader.user.id, roomId: room.id, size: bytes.length };
    const store = (): Promise<number> => this.store(upload.userId, room, bytes, filename);
    return isModerator ? store() : this.uploadLimits.within(upload, store);
  }

  private async store(
    uploaderId: number,
    room: RoomRecord,
    bytes: Buffer,
    filename: string | undefined,
  ): Promise<number> {
    const { limits, lifetimes } = this.config;
    const uploadedAt = this.clock.nowSeconds();
    const file = {
      id: await this.files.nextId(),
      roomId: room.id,
      uploaderId,
      size: bytes.length,
      uploadedAt,
      expiresAt: uploadedAt + lifetimes.unattachedFileSeconds,
      ...(await this.factsFor(room, bytes)),
      filename: filename === undefined ? null : storedFileName(filename, limits.fileNameBytesMax),
    };
    await this.blobs.put(file.id, bytes);
    try {
      if (!(await this.files.insert(file))) throw notFound();
    } catch (error) {
      // When the answer did not arrive there may be a row. Otherwise, what cannot be removed now is found by the sweep.
      if (!(error instanceof UnavailableError)) await this.blobs.delete([file.id]).catch(() => undefined);
      throw error;
    }
    this.statistics.uploaded(room.id, file.size);
    return file.id;
  }

  /** What the room's rules will want to know of it when a message takes it; nothing where there are none. */
  private async factsFor(room: RoomRecord, bytes: Buffer): Promise<FileFacts> {
    const { needs } = (await this.rules.of(room)).automod;
    if (!needs.sha256 && !needs.imageHashes && !needs.mediaTypes)
      return { sha256: null, imageHash: null, mediaType: null };
    return this.inspector.factsOfFile(bytes, { imageHash: needs.imageHashes });
  }

  /**
   * Throws 404 when it is not there, of another room, or past its expiry. `read` gets the size before anything is read
   * into memory, and may refuse.
   */
  async download(
    { room }: RoomAccess,
    id: number,
    read: ReadWithin = (_size, bytes) => bytes(),
  ): Promise<{ file: FileRecord; bytes: Buffer }> {
    const file = await this.files.find(id, room.id, this.clock.nowSeconds());
    const bytes = file && (await read(file.size, () => this.blobs.get(id)));
    if (!bytes) throw notFound();
    return { file, bytes };
  }

  onApplicationShutdown(): Promise<void> {
    return this.inspector.close();
  }
}
