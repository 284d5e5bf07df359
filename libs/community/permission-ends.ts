import { Injectable } from '@nestjs/common';
import type { Transaction } from '../storage/database.js';
import type { OverrideRecord } from '../storage/permissions.repository.js';
import { ScheduleRepository, type ScheduledChange } from '../storage/schedule.repository.js';

const FLAGS = ['read', 'write', 'upload'] as const;
type Flag = (typeof FLAGS)[number];

export interface EndingChange {
  roomId: number;
  userId: number;
  before: OverrideRecord;
  /** Null drops the override. */
  change: Partial<Record<Flag, boolean | null>>;
  /** Unix seconds; undefined: it does not end by itself. */
  endsAt: number | undefined;
}

/** Permissions that are changed for a while: what comes after it. */
@Injectable()
export class PermissionEnds {
  constructor(private readonly schedule: ScheduleRepository) {}

  /**
   * Takes the place of all that was scheduled for the changed permissions. When the time has come, each is again what
   * it was before: mostly no override at all, so that the room's default of that moment holds. The default of now says
   * nothing about it, since the room may become read-only meanwhile.
   */
  async replace(tx: Transaction, { roomId, userId, before, change, endsAt }: EndingChange): Promise<void> {
    const standing = await this.schedule.list(roomId, userId, tx);
    const touches = (flag: Flag): boolean => change[flag] !== undefined;
    const touched = { read: touches('read'), write: touches('write'), upload: touches('upload') };
    await this.schedule.unschedule(tx, roomId, userId, touched);
    if (endsAt === undefined) return;
    const back: Partial<Record<Flag, boolean>> = {};
    const toDefault: Partial<Record<Flag, boolean>> = {};
    for (const flag of FLAGS) {
      const wanted = change[flag];
      if (typeof wanted !== 'boolean') continue;
      if (valueAfter(flag, before, standing) === !wanted) back[flag] = !wanted;
      else toDefault[flag] = !wanted;
    }
    const end = { roomId, userId, dueAt: endsAt };
    if (Object.keys(back).length > 0) await this.schedule.add(tx, end, back);
    if (Object.keys(toDefault).length > 0)
      await this.schedule.add(tx, { ...end, toDefault: true }, toDefault);
  }
}

/** One that holds for a while already is followed by what was to follow it; null: no override. */
function valueAfter(
  flag: Flag,
  before: OverrideRecord,
  standing: readonly ScheduledChange[],
): boolean | null {
  const next = standing.findLast((one) => one[flag] !== null);
  if (before[flag] === null || !next) return before[flag];
  return next.toDefault ? null : next[flag];
}
