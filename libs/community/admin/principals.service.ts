import { Injectable } from '@nestjs/common';
import { forbidden, notFound } from '../../protocol/errors.js';
import { parseRoomToken } from '../../protocol/ids.js';
import { PermissionsRepository } from '../../storage/permissions.repository.js';
import type { UserRecord } from '../../storage/users.repository.js';
import { PeopleService } from '../people.service.js';
import type { RoomAccess } from '../room-access.js';
import { RoomsService } from '../rooms.service.js';
import { ServerIdentity } from '../server-identity.js';
import { AdminTokensService } from './admin-tokens.service.js';
import { accessOf, includes, roleIn, type AdminRole, type Principal } from './principal.js';

type RolesOf = Pick<UserRecord, 'id' | 'sessionId' | 'moderator' | 'admin'>;

/** Who may what in the admin API. Roles are looked up with every request, so that one that was taken away is gone. */
@Injectable()
export class PrincipalsService {
  constructor(
    private readonly tokens: AdminTokensService,
    private readonly people: PeopleService,
    private readonly permissions: PermissionsRepository,
    private readonly rooms: RoomsService,
    private readonly server: ServerIdentity,
  ) {}

  /** Undefined for what is no token, or one that is revoked or expired. */
  async ofToken(text: string): Promise<Principal | undefined> {
    const token = await this.tokens.authenticate(text);
    if (!token) return undefined;
    const { id, name, role, everywhere, rooms } = token;
    return {
      kind: 'token',
      name,
      key: `token/${id}`,
      actor: { userId: this.server.userId, via: 'admin-api', token: name },
      global: everywhere ? role : undefined,
      rooms: new Map(rooms.map((room) => [room.id, { token: room.token, role }])),
    };
  }

  /** Somebody who has authenticated, with the roles of this moment. Without any role, of no use here, but known. */
  async ofUser(user: RolesOf): Promise<Principal> {
    const roles = await this.permissions.rolesOf(user.id);
    const named = roles.map(({ roomId, token, admin }) => {
      const role: AdminRole = admin ? 'admin' : 'moderator';
      return [roomId, { token, role }] as const;
    });
    return {
      kind: 'session-id',
      name: user.sessionId,
      key: `user/${user.id}`,
      actor: { userId: user.id, via: 'admin-api' },
      global: user.admin ? 'admin' : user.moderator ? 'moderator' : undefined,
      rooms: new Map(named),
    };
  }

  /** Undefined for somebody who is banned. */
  async ofUserId(userId: number): Promise<Principal | undefined> {
    const user = await this.people.findById(userId);
    return user && !user.banned ? this.ofUser(user) : undefined;
  }

  /** Throws 404 for a room that is not there or that the principal does not see, 403 for a lesser role. */
  async room(principal: Principal, token: string, needed: AdminRole): Promise<RoomAccess> {
    const parsed = parseRoomToken(token);
    const [found] = parsed ? await this.rooms.openAll([parsed], undefined) : [];
    const role = found && roleIn(principal, found.room.id);
    if (!role) throw notFound('There is no such room');
    if (!includes(role, needed)) throw forbidden(`This needs the role ${needed} in the room`);
    return accessOf(principal, found.room);
  }

  /** Every room that the principal sees, by token. */
  async visibleRooms(principal: Principal): Promise<RoomAccess[]> {
    const all = await this.rooms.all();
    return all.filter(({ id }) => roleIn(principal, id)).map((room) => accessOf(principal, room));
  }
}

/** What concerns the server as a whole. Throws 403. */
export function requireEverywhere({ global }: Principal, needed: AdminRole): void {
  if (!includes(global, needed)) throw forbidden(`This needs the role ${needed} on the whole server`);
}
