import type { Identity } from '../auth/identity.js';
import type { OverrideRecord } from '../storage/permissions.repository.js';
import type { RoomRecord } from '../storage/rooms.repository.js';

/** What somebody may do in a room (protocol.md §3, "Effective permission"). */
export interface Permissions {
  accessible: boolean;
  read: boolean;
  write: boolean;
  upload: boolean;
  moderator: boolean;
  admin: boolean;
  globalModerator: boolean;
  globalAdmin: boolean;
}

/** A room together with what the caller may do in it. */
export interface RoomAccess extends Permissions {
  room: RoomRecord;
  userId: number | undefined;
}

type Defaults = Pick<RoomRecord, 'defaultRead' | 'defaultAccessible' | 'defaultWrite' | 'defaultUpload'>;

/** `override` is the caller's own row in the room. An anonymous caller has the room's defaults. */
export function effectivePermissions(
  room: Defaults,
  override: OverrideRecord | undefined,
  identity: Identity | undefined,
): Permissions {
  const globalAdmin = identity?.user.admin ?? false;
  const globalModerator = identity?.user.moderator ?? false;
  const admin = globalAdmin || (override?.admin ?? false);
  const moderator = admin || globalModerator || (override?.moderator ?? false);
  const roles = { moderator, admin, globalModerator, globalAdmin };
  if (moderator) return { accessible: true, read: true, write: true, upload: true, ...roles };

  const allowed = !(identity?.user.banned ?? false) && !(override?.banned ?? false);
  const read = allowed && (override?.read ?? room.defaultRead);
  const write = allowed && (override?.write ?? room.defaultWrite);
  return {
    accessible: read || (allowed && (override?.accessible ?? room.defaultAccessible)),
    read,
    write,
    upload: write && (override?.upload ?? room.defaultUpload),
    ...roles,
  };
}
