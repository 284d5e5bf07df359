import { ModeratorsService, type RoleChange } from '../../../libs/community/moderators.service.js';
import { PeopleService } from '../../../libs/community/people.service.js';
import type { SessionId } from '../../../libs/protocol/ids.js';
import type { Installation } from './installation.js';
import { operatorAccesses, type Scope } from './scope-options.js';

export type RoleName = 'admin' | 'moderator' | null;

/** What became of somebody's role in one place. */
export interface RoleOutcome {
  sessionId: SessionId;
  /** A token, or null for the whole server. */
  room: string | null;
  was: RoleName;
  role: RoleName;
  visible: boolean | null;
}

type PlacedRole = Omit<RoleOutcome, 'was'>;

/** Changes a role and tells what it is then: appointing a moderator leaves an admin one. Removing makes nobody known. */
export async function changeRole(
  at: Installation,
  sessionId: SessionId,
  scope: Scope,
  change: RoleChange,
): Promise<RoleOutcome[]> {
  const before = await rolesOf(at, sessionId, scope);
  const isNothing = change.moderator === false && before.every(({ role }) => role === null);
  const moderators = at.get(ModeratorsService);
  if (!isNothing) {
    const tokens = (await accessesOf(at, scope)).map(({ room }) => room.token);
    if (scope.global) await moderators.changeGlobally(at.operator, sessionId, change);
    else await moderators.changeInRooms(at.operator, sessionId, tokens, change);
  }
  const after = await rolesOf(at, sessionId, scope);
  return after.map((place, index) => ({ ...place, was: before[index]!.role }));
}

async function rolesOf(at: Installation, sessionId: SessionId, scope: Scope): Promise<PlacedRole[]> {
  const accesses = await accessesOf(at, scope);
  const user = await at.get(PeopleService).known(sessionId);
  const moderators = at.get(ModeratorsService);
  const roleAt = (
    room: string | null,
    found: { admin: boolean; visible: boolean } | undefined,
  ): PlacedRole => ({
    sessionId: user?.sessionId ?? sessionId,
    room,
    role: found ? (found.admin ? 'admin' : 'moderator') : null,
    visible: found?.visible ?? null,
  });
  if (scope.global) {
    const all = await moderators.globalModerators();
    return [
      roleAt(
        null,
        all.find((one) => one.sessionId === user?.sessionId),
      ),
    ];
  }
  const all = await moderators.roomModerators(accesses.map(({ room }) => room.id));
  return accesses.map(({ room }) =>
    roleAt(
      room.token,
      all.find((one) => one.sessionId === user?.sessionId && one.roomId === room.id),
    ),
  );
}

const accessesOf = (at: Installation, { room = [] }: Scope) => operatorAccesses(at, room);

/** The part of a scope in which these are. */
export const scopeOf = (roles: readonly { room: string | null }[]): Scope =>
  roles.some(({ room }) => room === null)
    ? { global: true }
    : { room: roles.flatMap(({ room }) => room ?? []) };
