import { Injectable } from '@nestjs/common';
import { Clock } from '../protocol/clock.js';
import { notFound } from '../protocol/errors.js';
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
import { UsersRepository } from '../storage/users.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import { PeopleService } from './people.service.js';
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
    private readonly users: UsersRepository,
    private readonly permissions: PermissionsRepository,
    private readonly schedule: ScheduleRepository,
    private readonly rooms: RoomsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly clock: Clock,
  ) {}

  /** Of everybody who has an override or a role in the room, by session id. */
  list({ room }: RoomAccess): Promise<PersonalOverride[]> {
    return this.permissions.ofRoom(room.id, undefined);
  }

  /** Undefined for somebody without any, or never seen. */
  async of({ room }: RoomAccess, sessionId: SessionId): Promise<OverrideRecord | undefined> {
    const user = await this.users.find(sessionId);
    return user && (await this.permissions.ofRoom(room.id, user.id))[0];
  }

  /** Returns the override as it is now. With `unschedule`, scheduled changes of the touched permissions are dropped. */
  async change(
    actor: Actor,
    { room }: RoomAccess,
    sessionId: SessionId,
    { change, unschedule }: { change: OverrideChange; unschedule: boolean },
  ): Promise<OverrideRecord> {
    return this.database.transaction(async (tx) => {
      const user = await this.people.named(tx, sessionId);
      await this.lockRoom(tx, room);
      const before = (await this.permissions.find(tx, room.id, user.id)) ?? NO_OVERRIDE;
      const after = { ...before, ...change };
      await this.permissions.save(tx, room.id, user.id, after);
      const touches = (flag: keyof OverrideChange): boolean => change[flag] !== undefined;
      const touched = { read: touches('read'), write: touches('write'), upload: touches('upload') };
      if (unschedule) await this.schedule.unschedule(tx, room.id, user.id, touched);
      await this.rooms.bump(tx, room.id, { infoUpdates: 0, accessVersion: 1 });
      await this.log(tx, actor, 'permissions.set', { targetId: user.id, room, detail: change });
      return after;
    });
  }

  /**
   * Takes the right to write away for a while. It replaces what was scheduled for that right; afterwards the user may
   * write again, with an override where the room's default says otherwise. Moderators are left alone.
   */
  async mute(actor: Actor, { room }: RoomAccess, userId: number, seconds: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.lockRoom(tx, room);
      const before = (await this.permissions.find(tx, room.id, userId)) ?? NO_OVERRIDE;
      if (before.moderator || before.write === false) return;
      await this.permissions.save(tx, room.id, userId, { ...before, write: false });
      await this.schedule.unschedule(tx, room.id, userId, { read: false, write: true, upload: false });
      await this.schedule.add(tx, room.id, userId, this.clock.nowSeconds() + seconds, { write: true });
      await this.rooms.bump(tx, room.id, { infoUpdates: 0, accessVersion: 1 });
      await this.log(tx, actor, 'mute.set', { targetId: userId, room, detail: { seconds } });
    });
  }

  /** What is scheduled in the room, by time: for everybody, or for one user. */
  async scheduled({ room }: RoomAccess, sessionId: SessionId | undefined): Promise<ScheduledChange[]> {
    if (sessionId === undefined) return this.schedule.list(room.id, undefined);
    const user = await this.users.find(sessionId);
    return user ? this.schedule.list(room.id, user.id) : [];
  }

  /** Schedules a change `inSeconds` from now; returns all that is scheduled for this user. */
  async scheduleChange(
    actor: Actor,
    { room }: RoomAccess,
    sessionId: SessionId,
    { flags, inSeconds }: { flags: ScheduledFlags; inSeconds: number },
  ): Promise<ScheduledChange[]> {
    return this.database.transaction(async (tx) => {
      const user = await this.people.named(tx, sessionId);
      await this.lockRoom(tx, room);
      const dueAt = this.clock.nowSeconds() + inSeconds;
      await this.schedule.add(tx, room.id, user.id, dueAt, flags);
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
