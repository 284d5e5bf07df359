import { Injectable } from '@nestjs/common';
import type { Identity } from '../auth/identity.js';
import { forbidden } from '../protocol/errors.js';
import { distinctTokens, type ModerationScope } from '../protocol/schemas/moderation.schema.js';
import type { RoomAccess } from './room-access.js';
import { RoomsService } from './rooms.service.js';

export type Role = 'moderator' | 'admin';

/** Finds out whether the caller has a role everywhere where a moderation call is to apply (protocol.md §6). */
@Injectable()
export class ModerationScopeService {
  constructor(private readonly rooms: RoomsService) {}

  /**
   * The rooms of the call, or `global`. Throws 403 for the whole call when the role is missing in one of them, when
   * a room is unknown or named twice, and when `everywhere` is nowhere.
   */
  async resolve(caller: Identity, scope: ModerationScope, role: Role): Promise<'global' | RoomAccess[]> {
    if (scope === 'global') {
      if (!caller.user[role]) throw forbidden();
      return 'global';
    }
    if (scope !== 'everywhere') return this.named(caller, scope, role);
    const rooms = (await this.rooms.accessesOf(caller)).filter((access) => access[role]);
    if (rooms.length === 0) throw forbidden();
    return rooms;
  }

  private async named(caller: Identity, texts: readonly string[], role: Role): Promise<RoomAccess[]> {
    const tokens = distinctTokens(texts);
    if (!tokens) throw forbidden();
    const rooms = await this.rooms.openAll(tokens, caller);
    if (rooms.length < tokens.length || !rooms.every((access) => access[role])) throw forbidden();
    return rooms;
  }
}
