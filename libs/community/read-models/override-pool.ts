import type { OverrideRecord } from '../../storage/permissions.repository.js';

const MEMBERS = [
  'banned',
  'moderator',
  'admin',
  'visibleMod',
  'read',
  'accessible',
  'write',
  'upload',
] as const;

/** Makes equal overrides one object: a room with many thousands of them has a handful of different ones. */
export class OverridePool {
  private readonly known = new Map<string, OverrideRecord>();

  take(row: OverrideRecord): OverrideRecord {
    const key = MEMBERS.map((member) => row[member]).join();
    let shared = this.known.get(key);
    if (!shared) {
      const { banned, moderator, admin, visibleMod, read, accessible, write, upload } = row;
      shared = Object.freeze({ banned, moderator, admin, visibleMod, read, accessible, write, upload });
      this.known.set(key, shared);
    }
    return shared;
  }
}
