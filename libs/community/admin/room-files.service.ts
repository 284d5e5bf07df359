import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { Database } from '../../storage/database.js';
import { RoomFilesRepository, type RoomFileRecord } from '../../storage/admin/room-files.repository.js';
import type { RoomRecord } from '../../storage/rooms.repository.js';
import type { Actor } from '../actor.js';
import { ModerationLogService } from '../moderation-log.service.js';
import type { RoomAccess } from '../room-access.js';

export type { RoomFileRecord } from '../../storage/admin/room-files.repository.js';

/** Uploads of a room, for those who look after it. */
@Injectable()
export class RoomFilesService {
  constructor(
    private readonly database: Database,
    private readonly files: RoomFilesRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly clock: Clock,
  ) {}

  /** Newest first. */
  list(room: RoomRecord, page: { beforeId: number | undefined; limit: number }): Promise<RoomFileRecord[]> {
    return this.files.list(room.id, { ...page, now: this.clock.nowSeconds() });
  }

  /** Nobody gets it any more. False when it is not there, or is the room's image. */
  remove(actor: Actor, { room }: RoomAccess, id: number): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const file = await this.files.expire(tx, { id, roomId: room.id }, this.clock.nowSeconds());
      if (!file) return false;
      await this.moderationLog.record(tx, actor, {
        action: 'file.delete',
        targetId: file.uploaderId ?? undefined,
        room,
        messageId: file.messageId ?? undefined,
        detail: { file: id },
      });
      return true;
    });
  }
}
