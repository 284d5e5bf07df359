import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { Clock } from '../protocol/clock.js';
import { forbidden, notFound } from '../protocol/errors.js';
import type { RoomToken } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import { MessagesRepository } from '../storage/messages.repository.js';
import { PermissionsRepository } from '../storage/permissions.repository.js';
import { RoomsRepository, type RoomRecord } from '../storage/rooms.repository.js';
import { TombstonesRepository } from '../storage/tombstones.repository.js';
import type { UserRecord } from '../storage/users.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import type { RoomAccess } from './room-access.js';

/** Deleting messages: one, or all of somebody's (protocol.md §4.2). */
@Injectable()
export class DeletionsService {
  constructor(
    private readonly database: Database,
    private readonly rooms: RoomsRepository,
    private readonly messages: MessagesRepository,
    private readonly tombstones: TombstonesRepository,
    private readonly files: FilesRepository,
    private readonly permissions: PermissionsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly clock: Clock,
  ) {}

  /** One's own, or anybody's for a moderator. Throws 404 when there is nothing to delete, 403 for somebody else's. */
  async deleteOne(caller: Identity, { room, moderator }: RoomAccess, id: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      const message = await this.messages.lock(tx, room.id, id);
      if (!message) throw notFound();
      const own = message.authorId === caller.user.id;
      if (!own && !moderator) throw forbidden('Only its author and moderators may delete a message');
      const now = this.clock.nowSeconds();
      await this.bury(tx, room, [id], now);
      if (!own)
        await this.moderationLog.record(tx, actorOf(caller), {
          action: 'message.delete',
          targetId: message.authorId,
          room,
          messageId: id,
        });
    });
  }

  /** Those of these messages that are there, whoever they are by, for a moderator; returns their ids. */
  async deleteMany(actor: Actor, { room }: RoomAccess, ids: readonly number[]): Promise<number[]> {
    return this.database.transaction(async (tx) => {
      const found = await this.tombstones.lockLive(tx, room.id, ids);
      await this.bury(
        tx,
        room,
        found.map(({ id }) => id),
        this.clock.nowSeconds(),
      );
      for (const { id, authorId } of found) {
        const about = { targetId: authorId, room, messageId: id };
        await this.moderationLog.record(tx, actor, { action: 'message.delete', ...about });
      }
      return found.map(({ id }) => id);
    });
  }

  /**
   * Everything by `author` in the room, and their uploads. Throws 403 when the caller may not; 404 when there was no
   * message (the uploads expire even then).
   */
  async deleteAllInRoom(caller: Identity, access: RoomAccess, author: UserRecord): Promise<void> {
    const deleted = await this.database.transaction(async (tx) => {
      if (!(await this.mayClean(tx, caller, access, author))) throw forbidden();
      return this.clean(tx, caller, access.room, author);
    });
    if (deleted === 0) throw notFound();
  }

  /** The same in every one of the rooms where the caller may; returns the number of each, 0 too. */
  async deleteAllInRooms(
    caller: Identity,
    accesses: readonly RoomAccess[],
    author: UserRecord,
  ): Promise<Map<RoomToken, number>> {
    return this.database.transaction(async (tx) => {
      const deleted = new Map<RoomToken, number>();
      // By id, as everybody locks several rooms.
      for (const access of [...accesses].sort((a, b) => a.room.id - b.room.id)) {
        if (!access.accessible || !(await this.mayClean(tx, caller, access, author))) continue;
        deleted.set(access.room.token, await this.clean(tx, caller, access.room, author));
      }
      return deleted;
    });
  }

  /**
   * Some of what somebody posted in a room, at most `limit`, and with the last of it their uploads: for jobs, which
   * have all rights and go on until fewer than `limit` were left. Returns how many. `job` names it in the log.
   */
  async deleteSome(
    actor: Actor,
    { roomId, authorId, limit, job }: { roomId: number; authorId: number; limit: number; job: string },
  ): Promise<number> {
    return this.database.transaction(async (tx) => {
      const now = this.clock.nowSeconds();
      const ids = await this.tombstones.lockOfAuthor(tx, roomId, authorId, limit);
      const room = await this.rooms.lockById(tx, roomId);
      if (!room) return 0;
      await this.bury(tx, room, ids, now);
      if (ids.length < limit) await this.files.expireOfUploader(tx, roomId, authorId, now);
      if (ids.length > 0)
        await this.moderationLog.record(tx, actor, {
          action: 'message.delete-all',
          targetId: authorId,
          room,
          detail: { messages: ids.length, job },
        });
      return ids.length;
    });
  }

  /** One's own always; others' as a moderator, an admin's only as an admin. */
  private async mayClean(
    tx: Transaction,
    caller: Identity,
    access: RoomAccess,
    author: UserRecord,
  ): Promise<boolean> {
    if (author.id === caller.user.id || access.admin) return true;
    if (!access.moderator || author.admin) return false;
    const override = await this.permissions.find(tx, access.room.id, author.id);
    return !override?.admin;
  }

  private async clean(
    tx: Transaction,
    caller: Identity,
    room: RoomRecord,
    author: UserRecord,
  ): Promise<number> {
    const now = this.clock.nowSeconds();
    const ids = await this.tombstones.lockOfAuthor(tx, room.id, author.id);
    await this.bury(tx, room, ids, now);
    await this.files.expireOfUploader(tx, room.id, author.id, now);
    if (author.id !== caller.user.id)
      await this.moderationLog.record(tx, actorOf(caller), {
        action: 'message.delete-all',
        targetId: author.id,
        room,
        detail: { messages: ids.length },
      });
    return ids.length;
  }

  private async bury(tx: Transaction, room: RoomRecord, ids: readonly number[], now: number): Promise<void> {
    await this.files.expireOfMessages(tx, ids, now);
    await this.tombstones.bury(tx, room.id, ids, now);
  }
}

const actorOf = (caller: Identity): Actor => ({ userId: caller.user.id, via: 'protocol' });
