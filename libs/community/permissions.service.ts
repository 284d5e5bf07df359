import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { badRequest, notFound } from '../protocol/errors.js';
import type { SessionId } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import {
  NO_OVERRIDE,
  PermissionsRepository,
  type OverrideRecord,
} from '../storage/permissions.repository.js';
import { RoomsRepository, type RoomRecord } from '../storage/rooms.repository.js';
import {
  ScheduleRepository,
  type ScheduledChange,
  type ScheduledFlags,
} from '../storage/schedule.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import { PeopleService } from './people.service.js';
import { PermissionEnds } from './permission-ends.js';
import type { RoomAccess } from './room-access.js';

export type { OverrideRecord } from '../storage/permissions.repository.js';
export type { ScheduledChange } from '../storage/schedule.repository.js';

/** Overrides to set (true, false) or to drop (null); absent ones stay. */
export type OverrideChange = Partial<Pick<OverrideRecord, 'read' | 'accessible' | 'write' | 'upload'>>;

export type PersonalOverride = OverrideRecord & { sessionId: SessionId };

/** What single users may do in a room, now and later (protocol.md §5). For moderators, whom the caller has checked. */
@Injectable()
export class PermissionsService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly permissions: PermissionsRepository,
    private readonly schedule: ScheduleRepository,
    private readonly ends: PermissionEnds,
    private readonly rooms: RoomsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Of everybody who has an override or a role in the room, by session id. */
  list({ room }: RoomAccess): Promise<PersonalOverride[]> {
    return this.permissions.ofRoom(room.id, undefined);
  }

  /** Undefined for somebody without any, or never seen. */
  async of({ room }: RoomAccess, sessionId: SessionId): Promise<OverrideRecord | undefined> {
    const user = await this.people.known(sessionId);
    return user && (await this.permissions.ofRoom(room.id, user.id))[0];
  }

  /**
   * Returns the override as it is now. With `unschedule`, scheduled changes of the touched permissions are dropped; with
   * `inSeconds` too, and what is set then ends by itself.
   */
  async change(
    actor: Actor,
    { room }: RoomAccess,
    sessionId: SessionId,
    {
      change,
      unschedule,
      inSeconds,
    }: { change: OverrideChange; unschedule: boolean; inSeconds?: number | undefined },
  ): Promise<OverrideRecord> {
    return this.database.transaction(async (tx) => {
      const user = await this.people.named(tx, sessionId);
      await this.lockRoom(tx, room);
      const before = (await this.permissions.find(tx, room.id, user.id)) ?? NO_OVERRIDE;
      const after = { ...before, ...change };
      await this.permissions.save(tx, room.id, user.id, after);
      const dueAt = inSeconds === undefined ? undefined : this.clock.nowSeconds() + inSeconds;
      const whose = { roomId: room.id, userId: user.id };
      if (unschedule) await this.ends.replace(tx, { ...whose, before, change, endsAt: dueAt });
      await this.rooms.bump(tx, room.id, { infoUpdates: 0, accessVersion: 1 });
      const detail = { ...change, ...(dueAt !== undefined && { dueAt }) };
      await this.log(tx, actor, 'permissions.set', { targetId: user.id, room, detail });
      return after;
    });
  }

  /**
   * Takes the right to write away for a while. It replaces what was scheduled for that right; afterwards the user is
   * where they were before. Moderators are left alone.
   */
  async mute(actor: Actor, { room }: RoomAccess, userId: number, seconds: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.lockRoom(tx, room);
      const before = (await this.permissions.find(tx, room.id, userId)) ?? NO_OVERRIDE;
      if (before.moderator || before.write === false) return;
      await this.permissions.save(tx, room.id, userId, { ...before, write: false });
      const endsAt = this.clock.nowSeconds() + seconds;
      await this.ends.replace(tx, { roomId: room.id, userId, before, change: { write: false }, endsAt });
      await this.rooms.bump(tx, room.id, { infoUpdates: 0, accessVersion: 1 });
      await this.log(tx, actor, 'mute.set', { targetId: userId, room, detail: { seconds } });
    });
  }

  /** What is scheduled in the room, by time: for everybody, or for one user. */
  async scheduled({ room }: RoomAccess, sessionId: SessionId | undefined): Promise<ScheduledChange[]> {
    if (sessionId === undefined) return this.schedule.list(room.id, undefined);
    const user = await this.people.known(sessionId);
    return user ? this.schedule.list(room.id, user.id) : [];
  }

  /**
   * Schedules a change `inSeconds` from now; returns all that is scheduled for this user. Throws 400 when that is as
   * much as it may be.
   */
  async scheduleChange(
    actor: Actor,
    { room }: RoomAccess,
    sessionId: SessionId,
    { flags, inSeconds }: { flags: ScheduledFlags; inSeconds: number },
  ): Promise<ScheduledChange[]> {
    return this.database.transaction(async (tx) => {
      const user = await this.people.named(tx, sessionId);
      await this.lockRoom(tx, room);
      const { scheduledChangesPerUserMax } = this.config.limits;
      const scheduled = await this.schedule.list(room.id, user.id, tx);
      if (scheduled.length >= scheduledChangesPerUserMax)
        throw badRequest(`A user has at most ${scheduledChangesPerUserMax} scheduled changes in a room`);
      const dueAt = this.clock.nowSeconds() + inSeconds;
      await this.schedule.add(tx, { roomId: room.id, userId: user.id, dueAt }, flags);
      await this.log(tx, actor, 'permissions.schedule', {
        targetId: user.id,
        room,
        detail: { ...flags, dueAt },
      });
      return this.schedule.list(room.id, user.id, tx);
    });
  }

  /**
   * Everybody who writes overrides has their room first: a row that is not there yet cannot be locked, and a ban
   * that is made at that moment would be written over. Throws 404 when the room is gone.
   */
  private async lockRoom(tx: Transaction, room: RoomRecord): Promise<void> {
    if ((await this.rooms.lock(tx, room.token))?.id !== room.id) throw notFound();
  }

  private log(
    tx: Transaction,
    actor: Actor,
    action: string,
    about: { targetId: number; room: { id: number; token: string }; detail: Record<string, unknown> },
  ): Promise<void> {
    return this.moderationLog.record(tx, actor, { action, ...about });
  }
}
