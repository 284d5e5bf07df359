import type { Role, Session } from '../api/types.js';

const RANKS: Readonly<Record<Role, number>> = { viewer: 1, moderator: 2, admin: 3 };

/** Whether somebody with these roles may do what needs `role` — in a room, or, without one, in the whole server. */
export function mayDo({ roles }: Pick<Session, 'roles'>, role: Role, room?: string): boolean {
  const held = [roles.global, room === undefined ? undefined : roles.rooms[room]];
  return held.some((each) => each !== undefined && RANKS[each] >= RANKS[role]);
}

export const mayDoAnywhere = (session: Pick<Session, 'roles'>, role: Role): boolean =>
  mayDo(session, role) || Object.keys(session.roles.rooms).some((room) => mayDo(session, role, room));
