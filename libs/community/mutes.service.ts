import { Injectable } from '@nestjs/common';
import { Clock } from '../protocol/clock.js';
import { badRequest, forbidden, notFound } from '../protocol/errors.js';
import type { SessionId } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import { NO_OVERRIDE, PermissionsRepository } from '../storage/permissions.repository.js';
import { RoomsRepository } from '../storage/rooms.repository.js';
import { ScheduleRepository } from '../storage/schedule.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import { PeopleService } from './people.service.js';
import { PermissionEnds } from './permission-ends.js';
import type { RoomAccess } from './room-access.js';
import { ServerAuthorsService } from './server-authors.service.js';

const WRITE = { read: false, write: true, upload: false };

/** Muting by people: somebody may read on, but not write. (Automod mutes too: see PermissionsService.) */
@Injectable()
export class MutesService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly serverAuthors: ServerAuthorsService,
    private readonly permissions: PermissionsRepository,
    private readonly schedule: ScheduleRepository,
    private readonly ends: PermissionEnds,
    private readonly rooms: RoomsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly clock: Clock,
  ) {}

  /** For so many seconds, or (undefined) until it is lifted; replaces a mute that is there. Throws 403 for moderators and oneself, 400 for the server itself. */
  async mute(actor: Actor, access: RoomAccess, sessionId: SessionId, seconds?: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      const user = await this.people.named(tx, sessionId);
      if (user.id === actor.userId) throw forbidden('Nobody can mute themselves');
      if (await this.serverAuthors.includes(user, tx))
        throw badRequest('This is the server itself: it cannot be muted');
      await this.lockRoom(tx, access);
      const { room } = access;
      const before = (await this.permissions.find(tx, room.id, user.id)) ?? NO_OVERRIDE;
      if (before.moderator || user.moderator) throw forbidden('A moderator cannot be muted');
      await this.permissions.save(tx, room.id, user.id, { ...before, write: false });
      const endsAt = seconds === undefined ? undefined : this.clock.nowSeconds() + seconds;
      const whose = { roomId: room.id, userId: user.id };
      await this.ends.replace(tx, { ...whose, before, change: { write: false }, endsAt });
      await this.rooms.bump(tx, room.id, { infoUpdates: 0, accessVersion: 1 });
      const detail = seconds === undefined ? {} : { seconds };
      await this.moderationLog.record(tx, actor, { action: 'mute.set', targetId: user.id, room, detail });
    });
  }

  /** From now on the room's default holds again. No error for somebody who is not muted. Returns whether they were. */
  async lift(actor: Actor, access: RoomAccess, sessionId: SessionId): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const user = await this.people.lookUp(tx, sessionId);
      if (!user) return false;
      await this.lockRoom(tx, access);
      const { room } = access;
      const before = await this.permissions.find(tx, room.id, user.id);
      if (before?.write !== false) return false;
      await this.permissions.save(tx, room.id, user.id, { ...before, write: null });
      await this.schedule.unschedule(tx, room.id, user.id, WRITE);
      await this.rooms.bump(tx, room.id, { infoUpdates: 0, accessVersion: 1 });
      await this.moderationLog.record(tx, actor, { action: 'mute.lift', targetId: user.id, room });
      return true;
    });
  }

  /** Everybody who writes overrides has their room first (PermissionsService says why). */
  private async lockRoom(tx: Transaction, { room }: RoomAccess): Promise<void> {
    if ((await this.rooms.lock(tx, room.token))?.id !== room.id) throw notFound();
  }
}
