import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { forbidden } from '../../protocol/errors.js';
import { PermissionsRepository } from '../../storage/permissions.repository.js';
import { TombstonesRepository } from '../../storage/tombstones.repository.js';
import type { UserRecord } from '../../storage/users.repository.js';
import type { RoomAccess } from '../room-access.js';
import { includes, roleIn, type Principal } from './principal.js';

/** Whose posts somebody may have deleted all at once: jobs have every right, so it is asked before there is one. */
@Injectable()
export class CleaningRightsService {
  constructor(
    private readonly permissions: PermissionsRepository,
    private readonly tombstones: TombstonesRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * In which rooms; null: in all. One's own posts go everywhere, an admin's only where the principal is one too
   * (protocol.md §4.2). Throws 403 when that forbids one of the rooms that were named. On the whole server (no
   * `accesses`) rooms without the right are left out; 403 when that are all.
   */
  async roomsFor(
    principal: Principal,
    author: UserRecord,
    accesses: readonly RoomAccess[] | undefined,
  ): Promise<number[] | null> {
    const named = accesses?.map(({ room }) => room.id) ?? null;
    if (author.id === principal.actor.userId || includes(principal.global, 'admin')) return named;
    const roles = await this.permissions.rolesOf(author.id);
    const adminIn = new Set(roles.filter(({ admin }) => admin).map(({ roomId }) => roomId));
    const may = (roomId: number): boolean =>
      includes(roleIn(principal, roomId), 'admin') || !(author.admin || adminIn.has(roomId));
    if (!named && !author.admin && adminIn.size === 0) return null;
    const wanted = named ?? (await this.tombstones.roomsOfAuthor(author.id, null, this.clock.nowSeconds()));
    const allowed = wanted.filter(may);
    const isRefused = named ? allowed.length < named.length : allowed.length === 0;
    if (isRefused) throw forbidden("An admin's posts need an admin");
    return allowed;
  }
}
