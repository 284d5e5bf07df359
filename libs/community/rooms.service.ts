import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { Config } from '../config/config.js';
import { Clock } from '../protocol/clock.js';
import { badRequest, notAcceptable } from '../protocol/errors.js';
import { parseRoomToken, type RoomToken } from '../protocol/ids.js';
import { roomDescription, roomName } from '../protocol/room-text.js';
import type { RoomObject } from '../protocol/schemas/room.schema.js';
import { Database, type Transaction } from '../storage/database.js';
import { FilesRepository } from '../storage/files.repository.js';
import type { LogEntry } from '../storage/moderation-log.repository.js';
import { HousekeepingRepository } from '../storage/housekeeping.repository.js';
import { PermissionsRepository, type OverrideRecord } from '../storage/permissions.repository.js';
import { PinsRepository } from '../storage/pins.repository.js';
import { RoomOverviewsRepository, type RoomOverview } from '../storage/room-overviews.repository.js';
import { RoomsRepository, type RoomRecord, type RoomWithOverride } from '../storage/rooms.repository.js';
import { UsersRepository } from '../storage/users.repository.js';
import type { Actor } from './actor.js';
import { groupBy } from './group-by.js';
import { ModerationLogService } from './moderation-log.service.js';
import { moderatorList } from './moderator-list.js';
import { RoomModels } from './read-models/room-models.js';
import { RoomViews } from './read-models/room-views.js';
import { effectivePermissions, type RoomAccess } from './room-access.js';
import { roomObject } from './room-object.js';
import { COUNTED, requireDays, type NewRoom, type RoomSettings } from './room-settings.js';

export type { NewRoom, RoomSettings } from './room-settings.js';

/** Rooms: finding them for somebody, showing, making, changing and removing them. */
@Injectable()
export class RoomsService {
  constructor(
    private readonly database: Database,
    private readonly rooms: RoomsRepository,
    private readonly models: RoomModels,
    private readonly views: RoomViews,
    private readonly permissions: PermissionsRepository,
    private readonly users: UsersRepository,
    private readonly pins: PinsRepository,
    private readonly roomOverviews: RoomOverviewsRepository,
    private readonly files: FilesRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly housekeeping: HousekeepingRepository,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** The room as this caller may use it; undefined when there is none. What is allowed is for the caller of this to check. */
  open(
    token: RoomToken,
    identity: Identity | undefined,
  ): RoomAccess | undefined | Promise<RoomAccess | undefined> {
    const found = this.models.find(token, identity?.user.id);
    const access = (room: RoomWithOverride | undefined): RoomAccess | undefined =>
      room && accessOf(room.room, room.override, identity);
    return found instanceof Promise ? found.then(access) : access(found);
  }

  /** Those of these rooms that exist, as this caller may use them. */
  async openAll(tokens: readonly RoomToken[], identity: Identity | undefined): Promise<RoomAccess[]> {
    const found = await this.rooms.findAll(tokens, identity?.user.id);
    return found.map(({ room, override }) => accessOf(room, override, identity));
  }

  /** Every room as this caller may use it, by token without case; also those that the caller may not know of. */
  async accessesOf(identity: Identity | undefined): Promise<RoomAccess[]> {
    const all = await this.rooms.list(identity?.user.id);
    return all.map(({ room, override }) => accessOf(room, override, identity));
  }

  /** The rooms that `GET /room/R` would show to this caller, by token without case. */
  async list(identity: Identity | undefined): Promise<RoomObject[]> {
    const accesses = await this.accessesOf(identity);
    return this.objects(accesses.filter(({ accessible }) => accessible));
  }

  /** Every room, hidden ones too, by token: for the operator. */
  async all(): Promise<RoomRecord[]> {
    return (await this.rooms.list(undefined)).map(({ room }) => room);
  }

  /** The same with counts. */
  overviews(): Promise<RoomOverview[]> {
    return this.roomOverviews.list();
  }

  /** The room object of `GET /room/R`. */
  object(access: RoomAccess): Promise<RoomObject> {
    return this.views.object(access);
  }

  /** Undefined when the token is taken, in whatever case. Throws 400 for a name, description or token out of bounds. */
  async create(
    actor: Actor,
    { token, name, description, ...settings }: NewRoom,
  ): Promise<RoomRecord | undefined> {
    const { limits } = this.config;
    const parsed = token.length <= limits.roomTokenLengthMax ? parseRoomToken(token) : undefined;
    if (!parsed)
      throw badRequest(
        `A room token is 1 to ${limits.roomTokenLengthMax} of A-Z a-z 0-9 _ and -, which "${token}" is not`,
      );
    const room = {
      token: parsed,
      name: roomName(name, limits),
      description: roomDescription(description ?? null, limits),
      createdAt: this.clock.nowSeconds(),
    };
    return this.database.transaction(async (tx) => {
      const created = await this.rooms.insert(tx, room);
      if (!created) return undefined;
      const made = { ...created, ...settings };
      if (Object.keys(settings).length > 0)
        await this.rooms.update(tx, made, { infoUpdates: 0, accessVersion: 0 });
      await this.log(tx, actor, 'room.create', made);
      return made;
    });
  }

  /** Makes the first room of a fresh installation; undefined when there is a room already. */
  createFirst(room: {
    token: RoomToken;
    name: string;
    description: string;
  }): Promise<RoomRecord | undefined> {
    return this.rooms.insertFirst({ ...room, createdAt: this.clock.nowSeconds() });
  }

  /**
   * Changes settings in one transaction. Name, description and image count one each in `info_updates`, if they
   * change; defaults never do (protocol.md §3). Returns the new `info_updates`, or undefined when the room is gone.
   * Throws 400 for a text or a retention out of bounds, 406 for an image that is no file of this room, and what `check`
   * throws when it sees the room as it is; then nothing is changed.
   */
  async update(
    actor: Actor,
    token: RoomToken,
    settings: RoomSettings,
    check: (room: RoomRecord) => void = () => undefined,
  ): Promise<number | undefined> {
    const { limits } = this.config;
    const wanted: RoomSettings = { ...settings };
    if (settings.name !== undefined) wanted.name = roomName(settings.name, limits);
    if (settings.description !== undefined)
      wanted.description = roomDescription(settings.description, limits);
    if (typeof settings.retentionDays === 'number') requireDays(settings.retentionDays);
    return this.database.transaction(async (tx) => {
      const room = await this.rooms.lock(tx, token);
      if (!room) return undefined;
      check(room);
      const changed = (Object.keys(wanted) as (keyof RoomSettings)[]).filter(
        (key) => wanted[key] !== room[key],
      );
      if (changed.length === 0) return room.infoUpdates;
      if (changed.includes('imageId')) await this.replaceImage(tx, room, wanted.imageId ?? null);
      const infoUpdates = changed.filter((key) => COUNTED.includes(key)).length;
      const accessVersion = changed.some((key) => key.startsWith('default')) ? 1 : 0;
      const updated = await this.rooms.update(tx, { ...room, ...wanted }, { infoUpdates, accessVersion });
      await this.log(tx, actor, 'room.update', room, { changed });
      return updated;
    });
  }

  /** How many messages are older than the room keeps them, and wait for their turn. */
  pastRetention(token: RoomToken): Promise<number> {
    return this.housekeeping.countPastRetention(token, this.clock.nowSeconds());
  }

  /** Removes the room with all its messages; false when there is none. `check` may throw, and nothing is removed. */
  async delete(
    actor: Actor,
    token: RoomToken,
    check: (room: RoomRecord) => void = () => undefined,
  ): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const room = await this.rooms.delete(tx, token, this.clock.nowSeconds());
      if (room) check(room);
      if (room) await this.log(tx, actor, 'room.delete', { id: null, token: room.token });
      return room !== undefined;
    });
  }

  /** The new image never expires any more, the old one expires at once (protocol.md §5). */
  private async replaceImage(tx: Transaction, room: RoomRecord, imageId: number | null): Promise<void> {
    const now = this.clock.nowSeconds();
    if (imageId !== null && !(await this.files.keepAsImage(tx, imageId, room.id, now)))
      throw notAcceptable('The image is not a file of this room');
    if (room.imageId !== null) await this.files.expire(tx, room.imageId, now);
  }

  private log(
    tx: Transaction,
    actor: Actor,
    action: string,
    room: LogEntry['room'],
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    return this.moderationLog.record(tx, actor, { action, room, detail });
  }

  private async objects(accesses: readonly RoomAccess[]): Promise<RoomObject[]> {
    const roomIds = accesses.map(({ room }) => room.id);
    const [global, ofRooms, pins] = await Promise.all([
      this.users.globalModerators(),
      this.permissions.moderatorsOf(roomIds),
      this.pins.ofRooms(roomIds),
    ]);
    const moderatorsByRoom = groupBy(ofRooms, ({ roomId }) => roomId);
    const pinsByRoom = groupBy(pins, ({ roomId }) => roomId);
    return accesses.map((access) => {
      const people = moderatorList(moderatorsByRoom.get(access.room.id) ?? [], global);
      const { activeUserSeconds } = this.config.lifetimes;
      return roomObject(access, people, pinsByRoom.get(access.room.id) ?? [], activeUserSeconds);
    });
  }
}

const accessOf = (
  room: RoomRecord,
  override: OverrideRecord | undefined,
  identity: Identity | undefined,
): RoomAccess => ({
  room,
  userId: identity?.user.id,
  ...effectivePermissions(room, override, identity),
});
