import type { RoomToken } from '../../protocol/ids.js';
import { ADMIN_ROLES, type AdminRole } from '../../storage/admin/admin-tokens.repository.js';
import type { RoomRecord } from '../../storage/rooms.repository.js';
import type { Actor } from '../actor.js';
import type { RoomAccess } from '../room-access.js';

export { ADMIN_ROLES, type AdminRole } from '../../storage/admin/admin-tokens.repository.js';

/** Who asks something of the admin API, and what they may do: everywhere, or in single rooms. */
export interface Principal {
  kind: 'token' | 'session-id';
  /** The token's name, or the id under which the community knows the person. */
  name: string;
  /** The same for every request by the same one, and nobody else's. */
  key: string;
  actor: Actor;
  global: AdminRole | undefined;
  rooms: ReadonlyMap<number, { token: RoomToken; role: AdminRole }>;
}

const RANKS: Readonly<Record<AdminRole, number>> = { viewer: 0, moderator: 1, admin: 2 };

export const includes = (has: AdminRole | undefined, needed: AdminRole): boolean =>
  has !== undefined && RANKS[has] >= RANKS[needed];

/** The greater of a principal's role everywhere and that in the room; undefined: the room does not exist for them. */
export function roleIn({ global, rooms }: Principal, roomId: number): AdminRole | undefined {
  const here = rooms.get(roomId)?.role;
  return ADMIN_ROLES.findLast((role) => role === global || role === here);
}

/** Whether the role is there in any room at all. */
export const hasAnywhere = (principal: Principal, needed: AdminRole): boolean =>
  includes(principal.global, needed) ||
  [...principal.rooms.values()].some(({ role }) => includes(role, needed));

/** In which rooms the principal sees anything; undefined: in all. */
export const roomIdsOf = ({ global, rooms }: Principal): number[] | undefined =>
  global === undefined ? [...rooms.keys()] : undefined;

/** A room as services of the community know it, for somebody with this role. */
export function accessOf(principal: Principal, room: RoomRecord): RoomAccess {
  const role = roleIn(principal, room.id);
  return {
    room,
    userId: principal.actor.userId,
    accessible: true,
    read: true,
    write: true,
    upload: true,
    moderator: includes(role, 'moderator'),
    admin: includes(role, 'admin'),
    globalModerator: includes(principal.global, 'moderator'),
    globalAdmin: includes(principal.global, 'admin'),
  };
}
