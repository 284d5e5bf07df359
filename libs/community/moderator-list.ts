import type { SessionId } from '../protocol/ids.js';
import type { RoomModerator } from '../storage/permissions.repository.js';
import type { GlobalModerator } from '../storage/users.repository.js';

/** Who moderates a room, each person in one list only, sorted (protocol.md §5). */
export interface ModeratorList {
  admins: SessionId[];
  moderators: SessionId[];
  hiddenAdmins: SessionId[];
  hiddenModerators: SessionId[];
}

/** A room's own row decides on visibility before the global flag; the higher of the two roles counts. */
export function moderatorList(
  ofRoom: readonly RoomModerator[],
  global: readonly GlobalModerator[],
): ModeratorList {
  const people = new Map<number, { sessionId: SessionId; admin: boolean; visible: boolean }>();
  for (const person of global) people.set(person.userId, { ...person });
  for (const person of ofRoom) {
    const admin = person.admin || (people.get(person.userId)?.admin ?? false);
    people.set(person.userId, { sessionId: person.sessionId, visible: person.visible, admin });
  }
  const list: ModeratorList = { admins: [], moderators: [], hiddenAdmins: [], hiddenModerators: [] };
  for (const { sessionId, admin, visible } of people.values()) {
    if (visible) (admin ? list.admins : list.moderators).push(sessionId);
    else (admin ? list.hiddenAdmins : list.hiddenModerators).push(sessionId);
  }
  for (const ids of Object.values(list) as SessionId[][]) ids.sort();
  return list;
}
