import { Injectable } from '@nestjs/common';
import type { Identity } from '../../../../libs/auth/identity.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { RoomsService } from '../../../../libs/community/rooms.service.js';
import { forbidden, notFound } from '../../../../libs/protocol/errors.js';
import { parseRoomToken } from '../../../../libs/protocol/ids.js';
import type { AccessLevel } from './route.js';

/** Finds the room that a path names, and lets in who may. */
@Injectable()
export class RoomGate {
  constructor(private readonly rooms: RoomsService) {}

  /** Throws 404 for a room that is not there. */
  async find(token: string, identity: Identity | undefined): Promise<RoomAccess> {
    const parsed = parseRoomToken(token);
    const access = parsed && (await this.rooms.open(parsed, identity));
    if (!access) throw notFound();
    return access;
  }

  /** Throws 404 for a room that the caller may not know of, 403 for a lack of permission. */
  admit(access: RoomAccess, level: AccessLevel): void {
    if (level !== 'known' && !access[level]) throw level === 'accessible' ? notFound() : forbidden();
  }
}
