import type { OverrideRecord, RoomModerator } from '../../storage/permissions.repository.js';
import type { PinRecord } from '../../storage/pins.repository.js';
import type { RoomState } from '../../storage/room-states.repository.js';
import type { RoomRecord } from '../../storage/rooms.repository.js';
import { FreshValue, type Basis } from './fresh-value.js';

/** What a room's row, and the rows of its users, say. */
export interface RoomSnapshot extends RoomState {
  /** By user; undefined when there are too many to keep. */
  overrides: ReadonlyMap<number, OverrideRecord> | undefined;
}

/** What is shown of a room beside its row. */
export interface RoomCircle {
  moderators: readonly RoomModerator[];
  /** Oldest first. */
  pins: readonly PinRecord[];
}

/** Where a room comes from. */
export interface RoomSource {
  state(roomId: number): Promise<RoomState | undefined>;
  overrides(roomId: number): Promise<ReadonlyMap<number, OverrideRecord> | undefined>;
  circle(roomId: number): Promise<RoomCircle>;
}

/** One room in memory. */
export class RoomModel {
  private readonly fresh: FreshValue<RoomSnapshot | null>;
  private sequence = 0;
  private circle: { of: RoomRecord; loaded: Promise<RoomCircle> } | undefined;

  constructor(
    readonly id: number,
    private readonly source: RoomSource,
  ) {
    this.fresh = new FreshValue((before) => this.load(before));
  }

  /** Null when the room is gone. */
  async read(): Promise<RoomSnapshot | null> {
    return this.fresh.read();
  }

  /** What is here and not stale. */
  get current(): RoomSnapshot | null | undefined {
    return this.fresh.current;
  }

  /** What is here, stale or not. */
  get latest(): RoomSnapshot | null | undefined {
    return this.fresh.latest;
  }

  markStale(): void {
    this.fresh.markStale();
  }

  /** The room's counter of messages has come this far at least. Nothing else is known to have changed. */
  reached(sequence: number): void {
    if (sequence <= this.sequence) return;
    this.sequence = sequence;
    this.fresh.amend((snapshot) => snapshot && this.withSequence(snapshot));
  }

  basis(): Basis {
    return this.fresh.basis();
  }

  /** What somebody saw in the database who looked after taking `basis`. */
  offer(state: RoomState, basis: Basis): void {
    const { latest } = this.fresh;
    const isSmall = latest?.record.accessVersion === state.record.accessVersion;
    if (latest && isSmall && this.fresh.replace(this.withSequence({ ...latest, ...state }), basis)) return;
    this.fresh.markStale();
  }

  /** Every change of it counts in the room's row, so it is loaded once for each such count. */
  circleOf(record: RoomRecord): Promise<RoomCircle> {
    const known = this.circle?.of;
    if (known?.infoUpdates === record.infoUpdates && known.accessVersion === record.accessVersion)
      return this.circle!.loaded;
    const loaded = this.source.circle(this.id);
    this.circle = { of: record, loaded };
    loaded.catch(() => {
      if (this.circle?.loaded === loaded) this.circle = undefined;
    });
    return loaded;
  }

  /** The row first: what is loaded after it may be newer than its counters say, never older. */
  private async load(before: RoomSnapshot | null | undefined): Promise<RoomSnapshot | null> {
    const state = await this.source.state(this.id);
    if (!state) return null;
    const overrides =
      before && before.record.accessVersion === state.record.accessVersion
        ? before.overrides
        : await this.source.overrides(this.id);
    return this.withSequence({ ...state, overrides });
  }

  private withSequence(snapshot: RoomSnapshot): RoomSnapshot {
    const { record } = snapshot;
    this.sequence = Math.max(this.sequence, record.messageSequence);
    if (record.messageSequence === this.sequence) return snapshot;
    return { ...snapshot, record: { ...record, messageSequence: this.sequence } };
  }
}
