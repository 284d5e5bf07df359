import { Injectable } from '@nestjs/common';
import { Clock } from '../protocol/clock.js';
import { Database, type Transaction } from '../storage/database.js';
import {
  NO_OVERRIDE,
  PermissionsRepository,
  type OverrideRecord,
} from '../storage/permissions.repository.js';
import { RoomActivityRepository } from '../storage/room-activity.repository.js';
import { RoomsRepository, type RoomRecord } from '../storage/rooms.repository.js';
import { ScheduleRepository, type DueChange } from '../storage/schedule.repository.js';
import { ServerStateRepository } from '../storage/server-state.repository.js';
import { StorageUnavailableError } from '../storage/storage-errors.js';
import { UsersRepository } from '../storage/users.repository.js';
import { ModerationLogService } from './moderation-log.service.js';
import { ServerIdentity } from './server-identity.js';

/** In one run; what is left is due again at the next. */
const CHANGES_MAX = 1_000;

/**
 * Applies scheduled permissions and bans (protocol.md §5): in the order of their times, each once and in a transaction
 * of its own, however many workers run and however late they are.
 */
@Injectable()
export class ScheduledChangesService {
  constructor(
    private readonly database: Database,
    private readonly schedule: ScheduleRepository,
    private readonly permissions: PermissionsRepository,
    private readonly rooms: RoomsRepository,
    private readonly users: UsersRepository,
    private readonly activity: RoomActivityRepository,
    private readonly serverState: ServerStateRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly server: ServerIdentity,
    private readonly clock: Clock,
  ) {}

  /** Returns how many were applied or dropped. With `signal` aborted, the one that is under way is the last. */
  async applyDue(signal?: AbortSignal): Promise<number> {
    for (let done = 0; done < CHANGES_MAX; done++)
      if (signal?.aborted || !(await this.applyNext())) return done;
    return CHANGES_MAX;
  }

  private async applyNext(): Promise<boolean> {
    try {
      return await this.takeNext(async (tx, change) => {
        if (change.roomId === null) await this.applyGlobally(tx, change);
        else await this.applyInRoom(tx, change, change.roomId);
      });
    } catch (error) {
      if (error instanceof StorageUnavailableError) throw error;
      // One that cannot be applied must not hold up those behind it: it is dropped, and the log says so.
      return this.takeNext((tx, change) =>
        this.log(tx, change, undefined, { failed: (error as Error).message }),
      );
    }
  }

  private takeNext(work: (tx: Transaction, change: DueChange) => Promise<void>): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const change = await this.schedule.takeDue(tx, this.clock.nowSeconds());
      if (change) await work(tx, change);
      return change !== undefined;
    });
  }

  /**
   * A value equal to the room's default becomes "no override"; what is not mentioned stays. A ban that meets a
   * moderator, of the room or of the whole server, is dropped.
   */
  private async applyInRoom(tx: Transaction, due: DueChange, roomId: number): Promise<void> {
    // Users before rooms, as whoever bans takes them: a role may be given at this moment.
    const user = due.banned === true ? await this.users.lock(tx, due.userId) : undefined;
    const room = await this.rooms.lockById(tx, roomId);
    if (!room) return;
    const before = (await this.permissions.find(tx, roomId, due.userId)) ?? NO_OVERRIDE;
    const isModerator = before.moderator || user?.moderator;
    const change = due.banned && isModerator ? { ...due, banned: null } : due;
    if (isEmpty(change)) return;
    const after = changed(before, change, room);
    await this.permissions.save(tx, roomId, change.userId, after);
    await this.rooms.bump(tx, roomId, { infoUpdates: 0, accessVersion: 1 });
    if (after.banned && !before.banned) await this.activity.forget(tx, change.userId, roomId);
    await this.log(tx, change, room);
  }

  private async applyGlobally(tx: Transaction, change: DueChange): Promise<void> {
    const user = await this.users.lock(tx, change.userId);
    if (!user || change.banned === null || (change.banned && user.moderator)) return;
    await this.users.setGlobalFlags(tx, user.id, { ...user, banned: change.banned });
    await this.serverState.bumpUsersVersion(tx);
    if (change.banned) await this.activity.forget(tx, user.id, undefined);
    await this.log(tx, change);
  }

  private log(
    tx: Transaction,
    { userId, read, write, upload, banned, toDefault }: DueChange,
    room?: RoomRecord,
    outcome: Record<string, unknown> = {},
  ): Promise<void> {
    const worker = { userId: this.server.userId, via: 'worker' } as const;
    return this.moderationLog.record(tx, worker, {
      action: banned === null ? 'permissions.set' : banned ? 'ban.set' : 'ban.lift',
      targetId: userId,
      room,
      detail: { scheduled: true, read, write, upload, banned, ...(toDefault && { toDefault }), ...outcome },
    });
  }
}

const isEmpty = ({ read, write, upload, banned }: DueChange): boolean =>
  (read ?? write ?? upload ?? banned) === null;

/** The override after the change. */
function changed(before: OverrideRecord, change: DueChange, room: RoomRecord): OverrideRecord {
  const value = (wanted: boolean | null, standing: boolean | null, byDefault: boolean): boolean | null =>
    wanted === null ? standing : change.toDefault || wanted === byDefault ? null : wanted;
  return {
    ...before,
    read: value(change.read, before.read, room.defaultRead),
    write: value(change.write, before.write, room.defaultWrite),
    upload: value(change.upload, before.upload, room.defaultUpload),
    banned: change.banned ?? before.banned,
  };
}
