import { Injectable } from '@nestjs/common';
import { calendarTime, Clock } from '../protocol/clock.js';
import { badRequest, forbidden } from '../protocol/errors.js';
import type { RoomToken, SessionId } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import { NO_OVERRIDE, PermissionsRepository } from '../storage/permissions.repository.js';
import { RoomActivityRepository } from '../storage/room-activity.repository.js';
import { RoomsRepository } from '../storage/rooms.repository.js';
import { ScheduleRepository } from '../storage/schedule.repository.js';
import { ServerStateRepository } from '../storage/server-state.repository.js';
import { UsersRepository, type UserRecord } from '../storage/users.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import { PeopleService } from './people.service.js';
import type { RoomAccess } from './room-access.js';
import { ServerAuthorsService } from './server-authors.service.js';

/** Bans, of rooms and of the whole server (protocol.md §6). Who may ban where is for the caller to check. */
@Injectable()
export class BansService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly serverAuthors: ServerAuthorsService,
    private readonly users: UsersRepository,
    private readonly rooms: RoomsRepository,
    private readonly permissions: PermissionsRepository,
    private readonly schedule: ScheduleRepository,
    private readonly activity: RoomActivityRepository,
    private readonly serverState: ServerStateRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly clock: Clock,
  ) {}

  /**
   * Bans in all of the rooms or in none, until `timeoutSeconds` from now, or for ever (0). Somebody who moderates
   * one of them loses that role, which takes an admin. Throws 403 for oneself, for global moderators, for moderators
   * of a room where the caller is no admin; 400 for the server itself.
   */
  async banInRooms(
    actor: Actor,
    accesses: readonly RoomAccess[],
    sessionId: SessionId,
    timeoutSeconds: number,
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      const user = await this.bannable(tx, actor, sessionId);
      for (const access of await this.lockAll(tx, accesses))
        await this.banInRoom(tx, actor, access, user, timeoutSeconds);
    });
  }

  /** Throws 403 for oneself and for global moderators, 400 for the server itself. Room roles stay as they are (protocol.md §3). */
  async banGlobally(actor: Actor, sessionId: SessionId, timeoutSeconds: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      const user = await this.bannable(tx, actor, sessionId);
      await this.users.setGlobalFlags(tx, user.id, { ...user, banned: true });
      await this.serverState.bumpUsersVersion(tx);
      await this.activity.forget(tx, user.id, undefined);
      await this.rescheduleUnban(tx, null, user.id, timeoutSeconds);
      await this.log(tx, actor, 'ban.set', user, { timeoutSeconds });
    });
  }

  /**
   * Lifts bans; roles do not come back. No error for somebody who is not banned, or was never heard of. Returns the
   * rooms in which there was a ban.
   */
  async unbanInRooms(
    actor: Actor,
    accesses: readonly RoomAccess[],
    sessionId: SessionId,
  ): Promise<RoomToken[]> {
    return this.database.transaction(async (tx) => {
      const user = await this.people.lookUp(tx, sessionId);
      const lifted: RoomToken[] = [];
      if (!user) return lifted;
      for (const { room } of await this.lockAll(tx, accesses)) {
        const override = await this.permissions.find(tx, room.id, user.id);
        await this.schedule.unscheduleUnbans(tx, room.id, user.id);
        if (!override?.banned) continue;
        await this.permissions.save(tx, room.id, user.id, { ...override, banned: false });
        await this.rooms.bump(tx, room.id, { infoUpdates: 0, accessVersion: 1 });
        await this.log(tx, actor, 'ban.lift', user, {}, room);
        lifted.push(room.token);
      }
      return lifted;
    });
  }

  /** Returns whether there was a ban. */
  async unbanGlobally(actor: Actor, sessionId: SessionId): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const known = await this.people.lookUp(tx, sessionId);
      const user = known && (await this.users.lock(tx, known.id));
      if (!user) return false;
      await this.schedule.unscheduleUnbans(tx, null, user.id);
      if (!user.banned) return false;
      await this.users.setGlobalFlags(tx, user.id, { ...user, banned: false });
      await this.serverState.bumpUsersVersion(tx);
      await this.log(tx, actor, 'ban.lift', user);
      return true;
    });
  }

  /** The user, locked. Throws for those whom nobody may ban. */
  private async bannable(tx: Transaction, actor: Actor, sessionId: SessionId): Promise<UserRecord> {
    const named = await this.people.named(tx, sessionId);
    if (named.id === actor.userId) throw forbidden('Nobody can ban themselves');
    if (await this.serverAuthors.includes(named, tx))
      throw badRequest('This is the server itself: it cannot be banned');
    const user = (await this.users.lock(tx, named.id))!;
    if (user.moderator) throw forbidden('A global moderator cannot be banned');
    return user;
  }

  private async banInRoom(
    tx: Transaction,
    actor: Actor,
    { room, admin }: RoomAccess,
    user: UserRecord,
    timeoutSeconds: number,
  ): Promise<void> {
    const before = (await this.permissions.find(tx, room.id, user.id)) ?? NO_OVERRIDE;
    if (before.moderator && !admin) throw forbidden('Only an admin can ban a moderator');
    const stripped = { moderator: false, admin: false, visibleMod: true };
    await this.permissions.save(tx, room.id, user.id, { ...before, ...stripped, banned: true });
    await this.rooms.bump(tx, room.id, { infoUpdates: before.moderator ? 1 : 0, accessVersion: 1 });
    await this.activity.forget(tx, user.id, room.id);
    await this.rescheduleUnban(tx, room.id, user.id, timeoutSeconds);
    await this.log(tx, actor, 'ban.set', user, { timeoutSeconds }, room);
  }

  /** A new ban replaces a scheduled unban. A time in the past is due at the worker's next run. */
  private async rescheduleUnban(
    tx: Transaction,
    roomId: number | null,
    userId: number,
    timeoutSeconds: number,
  ): Promise<void> {
    await this.schedule.unscheduleUnbans(tx, roomId, userId);
    if (timeoutSeconds === 0) return;
    const dueAt = calendarTime(this.clock.nowSeconds() + timeoutSeconds);
    await this.schedule.addUnban(tx, roomId, userId, dueAt);
  }

  /** Locked in id order; rooms deleted meanwhile are left out. */
  private async lockAll(tx: Transaction, accesses: readonly RoomAccess[]): Promise<RoomAccess[]> {
    const rooms = await this.rooms.lockAll(
      tx,
      accesses.map(({ room }) => room.token),
    );
    const byId = new Map(accesses.map((access) => [access.room.id, access]));
    return rooms.flatMap(({ id }) => byId.get(id) ?? []);
  }

  private log(
    tx: Transaction,
    actor: Actor,
    action: string,
    user: UserRecord,
    detail: Record<string, unknown> = {},
    room?: { id: number; token: string },
  ): Promise<void> {
    return this.moderationLog.record(tx, actor, { action, targetId: user.id, room, detail });
  }
}
