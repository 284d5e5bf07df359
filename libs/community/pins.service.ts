import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { badRequest, notFound } from '../protocol/errors.js';
import { Database } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import { MessagesRepository } from '../storage/messages.repository.js';
import { PinsRepository } from '../storage/pins.repository.js';
import { RoomsRepository } from '../storage/rooms.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import type { RoomAccess } from './room-access.js';

/** Pinned messages (protocol.md §4.4). For admins, whom the caller has checked. */
@Injectable()
export class PinsService {
  constructor(
    private readonly database: Database,
    private readonly messages: MessagesRepository,
    private readonly pins: PinsRepository,
    private readonly files: FilesRepository,
    private readonly rooms: RoomsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Pins, or refreshes time and pinner; returns the new `info_updates`. Throws 404 for what cannot be pinned, 400 when
   * the room has as many pins as it may.
   */
  async pin(actor: Actor, { room }: RoomAccess, messageId: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      const message = await this.messages.lockRegular(tx, room.id, messageId);
      if (!message) throw notFound();
      const { pinsPerRoomMax } = this.config.limits;
      if (!(await this.pins.mayPin(tx, room.id, messageId, pinsPerRoomMax)))
        throw badRequest(`A room has at most ${pinsPerRoomMax} pinned messages`);
      const at = this.clock.nowSeconds();
      await this.pins.pin(tx, { roomId: room.id, messageId, pinnedById: actor.userId, pinnedAt: at });
      await this.files.keepOfMessage(tx, messageId, at);
      await this.moderationLog.record(tx, actor, { action: 'message.pin', room, messageId });
      return this.rooms.bump(tx, room.id, { infoUpdates: 1, accessVersion: 0 });
    });
  }

  /** One message, or (undefined) all; returns how many were pinned and the new `info_updates`. Throws 404 when the room is gone. */
  async unpin(
    actor: Actor,
    { room }: RoomAccess,
    messageId: number | undefined,
  ): Promise<{ unpinned: number; infoUpdates: number }> {
    return this.database.transaction(async (tx) => {
      const ids = await this.pins.unpin(tx, room.id, messageId);
      if ((await this.rooms.lock(tx, room.token))?.id !== room.id) throw notFound();
      await this.files.releaseOfMessages(tx, ids, this.config.lifetimes.fileSeconds);
      for (const id of ids)
        await this.moderationLog.record(tx, actor, { action: 'message.unpin', room, messageId: id });
      const infoUpdates = await this.rooms.bump(tx, room.id, { infoUpdates: ids.length, accessVersion: 0 });
      return { unpinned: ids.length, infoUpdates };
    });
  }
}
