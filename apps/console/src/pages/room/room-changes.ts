import type { Room, RoomPatch } from '../../api/types.js';

const EDITABLE = ['name', 'description', 'defaults', 'retentionDays', 'rateLimit'] as const;

/** What a PATCH has to say: only what is other than before; `null` for what is no longer there. */
export function changesOf(before: Room, after: Room): RoomPatch {
  const changed = EDITABLE.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return Object.fromEntries(changed.map((key) => [key, after[key] ?? null]));
}
