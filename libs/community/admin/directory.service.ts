import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { parseSessionId, type SessionId } from '../../protocol/ids.js';
import {
  MemberListRepository,
  type MemberRecord,
  type UserRoomRecord,
} from '../../storage/admin/member-list.repository.js';
import {
  UserListRepository,
  type UserListRecord,
  type UserQuery,
} from '../../storage/admin/user-list.repository.js';
import type { RoomRecord } from '../../storage/rooms.repository.js';
import { PeopleService } from '../people.service.js';

export type { MemberRecord, UserRoomRecord } from '../../storage/admin/member-list.repository.js';
export type { UserListRecord } from '../../storage/admin/user-list.repository.js';

const DAY_SECONDS = 86_400;
/** Of one person, that are told. */
const ROOMS_MAX = 1_000;

export interface MemberSearch {
  prefix?: string | undefined;
  activeDays?: number | undefined;
  after?: { at: number; userId: number } | undefined;
  limit: number;
}

/** Looking people up. */
@Injectable()
export class DirectoryService {
  constructor(
    private readonly members: MemberListRepository,
    private readonly users: UserListRepository,
    private readonly people: PeopleService,
    private readonly clock: Clock,
  ) {}

  /** Who was in a room or has a role, ban or permission there; those who were there last come first. */
  async membersOf(room: RoomRecord, search: MemberSearch): Promise<MemberRecord[]> {
    const { activeDays, after, limit } = search;
    const prefix = await this.meant(search.prefix);
    const activeSince =
      activeDays === undefined ? undefined : this.clock.nowSeconds() - activeDays * DAY_SECONDS;
    return this.members.list({ roomId: room.id, prefix, activeSince, after, limit });
  }

  /** Newest first. */
  async list(query: UserQuery): Promise<UserListRecord[]> {
    return this.users.list({ ...query, prefix: await this.meant(query.prefix) });
  }

  /** Undefined for somebody who was never heard of. */
  async find(sessionId: SessionId): Promise<UserListRecord | undefined> {
    const known = await this.people.known(sessionId);
    return known && this.users.find(known.id);
  }

  /** Where somebody left traces, among these rooms or (undefined) among all. */
  roomsOf(userId: number, roomIds: readonly number[] | undefined): Promise<UserRoomRecord[]> {
    return this.members.roomsOf(userId, roomIds, ROOMS_MAX);
  }

  /** A whole 05 id means whoever that is here (protocol.md §1.1); the beginning of one means what it says. */
  private async meant(prefix: string | undefined): Promise<string | undefined> {
    const whole = prefix === undefined ? undefined : parseSessionId(prefix);
    return (whole && (await this.people.known(whole))?.sessionId) ?? prefix;
  }
}
