import { Get, Patch } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { z } from 'zod';
import { DirectoryService, type MemberRecord } from '../../../../libs/community/admin/directory.service.js';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { PermissionsService } from '../../../../libs/community/permissions.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { Clock } from '../../../../libs/protocol/clock.js';
import type { SessionId } from '../../../../libs/protocol/ids.js';
import { AdminController, Repeatable } from './admin-controller.js';
import { Answers } from './answers.js';
import { JsonBody, PathOf, QueryOf } from './input.js';
import { Asker, InRoom, Needs } from './needs.js';
import { pageFrom, pageOf, readCursor, type Page } from './paging.js';
import { noSuch, ProblemError } from './problem.js';
import { sessionIdInput } from './schemas/parts.schema.js';
import {
  memberPatch,
  memberPlace,
  memberQuery,
  memberResource,
  showMember,
} from './schemas/person.schema.js';

type Member = z.infer<typeof memberResource>;

@AdminController('rooms/:token/members', 'people')
export class MembersController {
  constructor(
    private readonly directory: DirectoryService,
    private readonly permissions: PermissionsService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('viewer', 'room')
  @ApiOperation({ summary: 'Who was in the room or has a role, a ban or a permission there, latest first' })
  @Answers(200, 'Members', pageOf(memberResource))
  async list(
    @InRoom() { room }: RoomAccess,
    @QueryOf(memberQuery) { limit, cursor, prefix, active }: z.infer<typeof memberQuery>,
  ): Promise<Page<Member>> {
    const after = readCursor(memberPlace, cursor);
    const search = { prefix, activeDays: active, after, limit: limit + 1 };
    const rows = await this.directory.membersOf(room, search);
    const placeOf = ({ lastActiveAt, userId }: MemberRecord) => ({ at: lastActiveAt ?? 0, userId });
    return pageFrom(rows, limit, { show: showMember, placeOf });
  }

  @Patch(':sessionId')
  @Needs('moderator', 'room')
  @Repeatable()
  @ApiOperation({ summary: 'Permissions of one person in the room, for good or for a while' })
  @Answers(200, 'The member as they are now', memberResource)
  async change(
    @Asker() { actor }: Principal,
    @InRoom() access: RoomAccess,
    @PathOf('sessionId', sessionIdInput, 'Whose') sessionId: SessionId,
    @JsonBody(memberPatch) { permissions, until }: z.infer<typeof memberPatch>,
  ): Promise<Member> {
    const inSeconds = until === undefined ? undefined : until - this.clock.nowSeconds();
    if (inSeconds !== undefined && inSeconds <= 0)
      throw new ProblemError('invalid', 'until: it lies in the past');
    const { read, write, upload, accessible } = permissions;
    const change = {
      ...(read !== undefined && { read }),
      ...(write !== undefined && { write }),
      ...(upload !== undefined && { upload }),
      ...(accessible !== undefined && { accessible }),
    };
    if (inSeconds !== undefined && ![read, write, upload].some((flag) => typeof flag === 'boolean'))
      throw new ProblemError('invalid', 'until: only read, write and upload can end by themselves');
    await this.permissions.change(actor, access, sessionId, { change, unschedule: true, inSeconds });
    return this.show(access, sessionId);
  }

  private async show(access: RoomAccess, sessionId: SessionId): Promise<Member> {
    const [member] = await this.directory.membersOf(access.room, { prefix: sessionId, limit: 1 });
    if (!member) throw noSuch('member');
    return showMember(member);
  }
}
