import { Injectable } from '@nestjs/common';
import { forbidden, notFound } from '../protocol/errors.js';
import { roomTokenKey, type RoomToken, type SessionId } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import { NO_OVERRIDE, PermissionsRepository, type RoomModerator } from '../storage/permissions.repository.js';
import { RoomsRepository, type RoomRecord } from '../storage/rooms.repository.js';
import { ServerStateRepository } from '../storage/server-state.repository.js';
import { UsersRepository, type GlobalModerator } from '../storage/users.repository.js';
import type { Actor } from './actor.js';
import { ModerationLogService } from './moderation-log.service.js';
import { PeopleService } from './people.service.js';

/** What a role should become. Absent members say nothing (protocol.md §6). */
export interface RoleChange {
  moderator?: boolean | undefined;
  admin?: boolean | undefined;
  /** Absent: the default again, visible in a room, hidden globally. */
  visible?: boolean | undefined;
}

interface Role {
  moderator: boolean;
  admin: boolean;
}

/** Appointing and removing moderators and admins. Who may do it is for the caller to check. */
@Injectable()
export class ModeratorsService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly users: UsersRepository,
    private readonly rooms: RoomsRepository,
    private readonly permissions: PermissionsRepository,
    private readonly serverState: ServerStateRepository,
    private readonly moderationLog: ModerationLogService,
  ) {}

  /**
   * Changes a role in each of the rooms, all or none. Returns each room's `info_updates` afterwards.
   * Throws 404 for a room that is not there, 403 for an appointment of somebody banned there or everywhere.
   */
  async changeInRooms(
    actor: Actor,
    sessionId: SessionId,
    tokens: readonly RoomToken[],
    change: RoleChange,
  ): Promise<Map<RoomToken, number>> {
    return this.database.transaction(async (tx) => {
      const user = await this.people.named(tx, sessionId);
      const counters = new Map<RoomToken, number>();
      const rooms = await this.rooms.lockAll(tx, tokens);
      refuseUnknown(tokens, rooms);
      for (const room of rooms) {
        const before = (await this.permissions.find(tx, room.id, user.id)) ?? NO_OVERRIDE;
        const role = changedRole(before, change);
        if (appoints(change) && (before.banned || user.banned))
          throw forbidden('A banned user cannot become a moderator');
        const visibleMod = role.moderator ? (change.visible ?? true) : true;
        await this.permissions.save(tx, room.id, user.id, { ...before, ...role, visibleMod });
        const infoUpdates = role.moderator !== before.moderator || role.admin !== before.admin ? 1 : 0;
        counters.set(room.token, await this.rooms.bump(tx, room.id, { infoUpdates, accessVersion: 1 }));
        await this.log(tx, actor, { targetId: user.id, room, detail: { ...role, visible: visibleMod } });
      }
      return counters;
    });
  }

  /**
   * Changes the role on the whole server. Returns every room's `info_updates` afterwards.
   * Throws 403 for an appointment of somebody banned.
   */
  async changeGlobally(
    actor: Actor,
    sessionId: SessionId,
    change: RoleChange,
  ): Promise<Map<RoomToken, number>> {
    return this.database.transaction(async (tx) => {
      const named = await this.people.named(tx, sessionId);
      const user = (await this.users.lock(tx, named.id))!;
      const role = changedRole(user, change);
      if (appoints(change) && user.banned) throw forbidden('A banned user cannot become a moderator');
      const visibleMod = role.moderator ? (change.visible ?? false) : false;
      const changes =
        role.moderator !== user.moderator || role.admin !== user.admin || visibleMod !== user.visibleMod;
      await this.users.setGlobalFlags(tx, user.id, { banned: user.banned, ...role, visibleMod });
      await this.serverState.bumpUsersVersion(tx);
      await this.log(tx, actor, { targetId: user.id, detail: { ...role, visible: visibleMod } });
      const counters = await this.rooms.bumpAllInfoUpdates(tx, changes ? 1 : 0);
      return new Map(counters.map(({ token, infoUpdates }) => [token, infoUpdates]));
    });
  }

  /** Those of the whole server. */
  globalModerators(): Promise<GlobalModerator[]> {
    return this.users.globalModerators();
  }

  /** Those of these rooms themselves, sorted by id; global ones are not among them. */
  async roomModerators(roomIds: readonly number[]): Promise<RoomModerator[]> {
    const moderators = await this.permissions.moderatorsOf(roomIds);
    return moderators.sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  }

  private log(
    tx: Transaction,
    actor: Actor,
    entry: { targetId: number; room?: { id: number; token: string }; detail: Record<string, unknown> },
  ): Promise<void> {
    return this.moderationLog.record(tx, actor, { action: 'moderator.set', ...entry });
  }
}

/** A demotion is no appointment: it is possible with room roles of those who were banned from the server later. */
const appoints = ({ moderator, admin }: RoleChange): boolean => moderator === true || admin === true;

function refuseUnknown(tokens: readonly RoomToken[], rooms: readonly RoomRecord[]): void {
  const known = new Set(rooms.map(({ token }) => roomTokenKey(token)));
  const unknown = tokens.find((token) => !known.has(roomTokenKey(token)));
  if (unknown !== undefined) throw notFound(`There is no room "${unknown}"`);
}

/**
 * `admin: true` adds admin; `moderator: true` adds moderator and keeps admin; `moderator: false` removes both;
 * `admin: false` demotes an admin to moderator and promotes nobody; with `moderator: true` it makes exactly a
 * moderator (protocol.md §6). `admin: true, moderator: false` is refused before it comes here.
 */
export function changedRole(before: Role, change: RoleChange): Role {
  if (change.moderator === false) return { moderator: false, admin: false };
  const admin = change.admin ?? before.admin;
  return { admin, moderator: before.moderator || admin || change.moderator === true };
}
