import { Injectable } from '@nestjs/common';
import { roomTokenKey, type RoomToken } from '../../protocol/ids.js';
import { WeightedCache } from '../../protocol/weighted-cache.js';
import { PermissionsRepository } from '../../storage/permissions.repository.js';
import { PinsRepository } from '../../storage/pins.repository.js';
import { RoomStatesRepository } from '../../storage/room-states.repository.js';
import { RoomsRepository, type RoomRecord, type RoomWithOverride } from '../../storage/rooms.repository.js';
import type { Basis } from './fresh-value.js';
import { OverridePool } from './override-pool.js';
import { READS } from './read-tally.js';
import { RoomModel, type RoomCircle, type RoomSnapshot, type RoomSource } from './room-model.js';
import { VersionCheck } from './version-check.js';

const ROOMS_BYTES_MAX = 32 * 1024 * 1024;
/** Of the row, its texts and the pieces of answers made from them. */
const ROOM_BYTES = 8 * 1024;
const OVERRIDE_BYTES = 48;
/** Beyond it a room's overrides are not kept, and each user's is asked for. */
const OVERRIDES_MAX = 50_000;

/**
 * Rooms in memory, with the overrides of their users, moderators and pins. A token that names no room here is always
 * asked for in the database.
 */
@Injectable()
export class RoomModels {
  private readonly byToken = new WeightedCache<string, RoomModel>(ROOMS_BYTES_MAX, (_, model) =>
    this.left(model.id),
  );
  private readonly byId = new Map<number, RoomModel>();
  private readonly overridePool = new OverridePool();
  private readonly source: RoomSource;
  private readonly leaveListeners: ((roomId: number) => void)[] = [];

  constructor(
    private readonly rooms: RoomsRepository,
    private readonly states: RoomStatesRepository,
    private readonly permissions: PermissionsRepository,
    private readonly pins: PinsRepository,
    private readonly check: VersionCheck,
  ) {
    this.source = {
      state: (roomId) => states.state(roomId),
      overrides: (roomId) => this.loadOverrides(roomId),
      circle: (roomId) => this.loadCircle(roomId),
    };
    check.add(() => this.look());
  }

  /** How many rooms are here. */
  get size(): number {
    return this.byToken.size;
  }

  /** What they take, about. */
  get bytes(): number {
    return this.byToken.weight;
  }

  /** The room, and the user's own row in it. */
  find(
    token: RoomToken,
    userId: number | undefined,
  ): RoomWithOverride | undefined | Promise<RoomWithOverride | undefined> {
    if (!this.check.isOn) return this.rooms.find(token, userId);
    const checking = this.check.ensure();
    const model = checking ? undefined : this.byToken.get(roomTokenKey(token));
    const snapshot = model?.current;
    READS.add('rooms', snapshot?.overrides ? 'hit' : 'miss');
    return snapshot?.overrides
      ? withOverride(snapshot, snapshot.overrides, userId)
      : this.findSlowly(token, userId, checking);
  }

  /** Moderators and pins as they are now, or were a moment after `room` was read. */
  circleOf(room: RoomRecord): Promise<RoomCircle> {
    const model = this.check.isOn ? this.byId.get(room.id) : undefined;
    return model ? model.circleOf(room) : this.loadCircle(room.id);
  }

  markStale(roomId: number): void {
    this.byId.get(roomId)?.markStale();
  }

  forgetAll(): void {
    for (const roomId of this.byId.keys()) this.left(roomId);
    this.byToken.clear();
  }

  /** `listener` is told of rooms that are not kept any more: what else is kept of them can go too. */
  onLeft(listener: (roomId: number) => void): void {
    this.leaveListeners.push(listener);
  }

  /** A room's counter of messages has come to `sequence`, or further. */
  reached(roomId: number, sequence: number): void {
    this.byId.get(roomId)?.reached(sequence);
  }

  private async findSlowly(
    token: RoomToken,
    userId: number | undefined,
    checking: Promise<void> | undefined,
  ): Promise<RoomWithOverride | undefined> {
    await checking;
    const key = roomTokenKey(token);
    for (;;) {
      const model = this.byToken.get(key) ?? (await this.modelFor(token));
      if (!model) return undefined;
      const snapshot = await model.read();
      if (snapshot) {
        const { overrides } = snapshot;
        this.byToken.reweigh(key, model, ROOM_BYTES + (overrides?.size ?? 0) * OVERRIDE_BYTES);
        return overrides ? withOverride(snapshot, overrides, userId) : this.rooms.find(token, userId);
      }
      // It is gone, and there may be another one of this name by now.
      this.forget(token, model);
    }
  }

  private async modelFor(token: RoomToken): Promise<RoomModel | undefined> {
    const roomId = await this.states.idOf(token);
    if (roomId === undefined) return undefined;
    let model = this.byId.get(roomId);
    if (!model) {
      model = new RoomModel(roomId, this.source);
      this.byId.set(roomId, model);
      this.byToken.set(roomTokenKey(token), model, ROOM_BYTES);
    }
    return model;
  }

  private forget(token: RoomToken, model: RoomModel): void {
    this.left(model.id);
    if (this.byToken.get(roomTokenKey(token)) === model) this.byToken.delete(roomTokenKey(token));
  }

  private left(roomId: number): void {
    if (this.byId.delete(roomId)) for (const listener of this.leaveListeners) listener(roomId);
  }

  private async loadOverrides(roomId: number): Promise<RoomSnapshot['overrides']> {
    const rows = await this.states.overrides(roomId, OVERRIDES_MAX + 1);
    if (rows.length > OVERRIDES_MAX) return undefined;
    return new Map(rows.map((row) => [row.userId, this.overridePool.take(row)]));
  }

  private async loadCircle(roomId: number): Promise<RoomCircle> {
    const [moderators, pins] = await Promise.all([
      this.permissions.moderatorsOf([roomId]),
      this.pins.ofRooms([roomId]),
    ]);
    return { moderators, pins };
  }

  /** One query for all rooms that are here. */
  private async look(): Promise<void> {
    const known = new Map<number, string>();
    const bases = new Map<RoomModel, { token: RoomToken; basis: Basis }>();
    for (const model of this.byId.values()) {
      if (!model.latest) continue;
      known.set(model.id, model.latest.version);
      bases.set(model, { token: model.latest.record.token, basis: model.basis() });
    }
    if (known.size === 0) return;
    const changed = await this.states.changed(known);
    for (const [model, { token, basis }] of bases) {
      const state = changed.get(model.id);
      if (state) model.offer(state, basis);
      else if (changed.has(model.id)) this.forget(token, model);
    }
  }
}

const withOverride = (
  { record }: RoomSnapshot,
  overrides: ReadonlyMap<number, RoomWithOverride['override']>,
  userId: number | undefined,
): RoomWithOverride => ({
  room: record,
  override: userId === undefined ? undefined : overrides.get(userId),
});
