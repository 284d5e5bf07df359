import { Injectable } from '@nestjs/common';
import type { Identity } from '../../../../libs/auth/identity.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { RoomsService } from '../../../../libs/community/rooms.service.js';
import { forbidden, notFound } from '../../../../libs/protocol/errors.js';
import { parseRoomToken } from '../../../../libs/protocol/ids.js';
import type { AccessLevel } from './route.js';

/** Opens the room that a path names, if the caller may. */
@Injectable()
export class RoomGate {
  constructor(private readonly rooms: RoomsService) {}

  /** Throws 404 for a room that is not there, or that the caller may not know of; 403 for a lack of permission. */
  async open(token: string, level: AccessLevel, identity: Identity | undefined): Promise<RoomAccess> {
    const parsed = parseRoomToken(token);
    const access = parsed && (await this.rooms.open(parsed, identity));
    if (!access) throw notFound();
    if (level !== 'known' && !access[level]) throw level === 'accessible' ? notFound() : forbidden();
    return access;
  }
}
