import { Get, Post, Put, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { BanListService } from '../../../../libs/community/admin/ban-list.service.js';
import { DirectoryService, type UserListRecord } from '../../../../libs/community/admin/directory.service.js';
import { roomIdsOf, type Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService, requireEverywhere } from '../../../../libs/community/admin/principals.service.js';
import { ModeratorsService, type RoleChange } from '../../../../libs/community/moderators.service.js';
import { ServerAuthorsService } from '../../../../libs/community/server-authors.service.js';
import type { RoomToken, SessionId } from '../../../../libs/protocol/ids.js';
import { AdminController, Repeatable } from './admin-controller.js';
import { Answers, Refuses } from './answers.js';
import type { AdminRequest } from './exchange.js';
import { JsonBody, PathOf, QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { idPlace, LIMIT_MAX, pageFrom, pageOf, readCursor, type Page } from './paging.js';
import { PostRemoval } from './post-removal.js';
import { noSuch, ProblemError } from './problem.js';
import { showBan } from './schemas/ban.schema.js';
import { sessionIdInput } from './schemas/parts.schema.js';
import {
  deletePostsInput,
  roleOf,
  rolesInput,
  showUser,
  userDetail,
  userQuery,
  userResource,
  type GivenRole,
} from './schemas/person.schema.js';
import { isoTime } from '../../../../libs/protocol/clock.js';

const removal = z.object({ jobId: z.string() });

@AdminController('users', 'people')
export class UsersController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly directory: DirectoryService,
    private readonly bans: BanListService,
    private readonly moderators: ModeratorsService,
    private readonly serverAuthors: ServerAuthorsService,
    private readonly removal: PostRemoval,
  ) {}

  @Get()
  @Needs('viewer', 'everywhere')
  @ApiOperation({ summary: 'Everybody that the server knows, newest first' })
  @Answers(200, 'Users', pageOf(userResource))
  async list(
    @QueryOf(userQuery) { limit, cursor, ...search }: z.infer<typeof userQuery>,
  ): Promise<Page<z.infer<typeof userResource>>> {
    const beforeId = readCursor(idPlace, cursor)?.id;
    const rows = await this.directory.list({ ...search, beforeId, limit: limit + 1 });
    return pageFrom(rows, limit, {
      show: showUser,
      placeOf: ({ userId }: UserListRecord) => ({ id: userId }),
    });
  }

  @Get(':sessionId')
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'One person: roles, bans and rooms, as far as you look after them' })
  @Answers(200, 'The user', userDetail)
  one(
    @Asker() principal: Principal,
    @PathOf('sessionId', sessionIdInput, 'Who') sessionId: SessionId,
  ): Promise<z.infer<typeof userDetail>> {
    return this.detail(principal, sessionId);
  }

  @Put(':sessionId/roles')
  @Needs('admin', 'anywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Appoint or dismiss somebody; also before they were ever here' })
  @Answers(200, 'The user as they are now', userDetail)
  async setRoles(
    @Asker() principal: Principal,
    @PathOf('sessionId', sessionIdInput, 'Whom') sessionId: SessionId,
    @JsonBody(rolesInput) { global, rooms = {}, visible }: z.infer<typeof rolesInput>,
  ): Promise<z.infer<typeof userDetail>> {
    if (global !== undefined) requireEverywhere(principal, 'admin');
    const given = Object.entries(rooms) as [RoomToken, GivenRole][];
    for (const [token] of given) await this.principals.room(principal, token, 'admin');
    if (global === undefined && given.length === 0)
      throw new ProblemError('invalid', 'Say which role: global, or in rooms');
    const { actor } = principal;
    if (global !== undefined)
      await this.moderators.changeGlobally(actor, sessionId, changeTo(global, visible));
    for (const role of ['none', 'moderator', 'admin'] as const) {
      const tokens = given.filter(([, wanted]) => wanted === role).map(([token]) => token);
      if (tokens.length > 0)
        await this.moderators.changeInRooms(actor, sessionId, tokens, changeTo(role, visible));
    }
    return this.detail(principal, sessionId);
  }

  @Post(':sessionId/delete-posts')
  @Needs('moderator', 'anywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Delete everything that somebody posted and uploaded; the worker does it' })
  @Answers(202, 'The job', removal)
  @Refuses({ 409: 'On the whole server: send the confirmationToken as X-Confirmation-Token' })
  async deletePosts(
    @Asker() principal: Principal,
    @PathOf('sessionId', sessionIdInput, 'Whose') sessionId: SessionId,
    @JsonBody(deletePostsInput) { rooms }: z.infer<typeof deletePostsInput>,
    @Req() request: AdminRequest,
  ): Promise<z.infer<typeof removal>> {
    if (!rooms) requireEverywhere(principal, 'moderator');
    const accesses =
      rooms && (await Promise.all(rooms.map((token) => this.principals.room(principal, token, 'moderator'))));
    await this.known(sessionId);
    if (!accesses) await this.removal.confirm(request, principal, sessionId);
    return { jobId: await this.removal.start(principal, sessionId, accesses) };
  }

  private async known(sessionId: SessionId): Promise<UserListRecord> {
    const user = await this.directory.find(sessionId);
    if (!user) throw noSuch('user');
    return user;
  }

  private async detail(principal: Principal, sessionId: SessionId): Promise<z.infer<typeof userDetail>> {
    const user = await this.known(sessionId);
    const roomIds = roomIdsOf(principal);
    const withServer = principal.global !== undefined;
    const [isServer, rooms, bans] = await Promise.all([
      this.serverAuthors.includes({ id: user.userId, sessionId: user.sessionId }),
      this.directory.roomsOf(user.userId, roomIds),
      this.bans.list({ userId: user.userId, roomIds, withServer, limit: LIMIT_MAX }),
    ]);
    const global = roleOf(user);
    const appointed = rooms.flatMap((room) => {
      const role = roleOf(room);
      return role ? [[room.token, role] as const] : [];
    });
    return {
      ...showUser(user),
      isServer,
      roles: { ...(global && { global }), rooms: Object.fromEntries(appointed) },
      bans: bans.map(showBan),
      rooms: rooms.map((room) => {
        const role = roleOf(room);
        return {
          token: room.token,
          posts: room.posts,
          ...(room.lastActiveAt !== null && { lastActive: isoTime(room.lastActiveAt) }),
          ...(role && { role }),
          isBanned: room.banned,
        };
      }),
    };
  }
}

/** `moderator` makes exactly that, also of an admin (protocol.md §6). */
function changeTo(role: GivenRole, visible: boolean | undefined): RoleChange {
  if (role === 'none') return { moderator: false };
  return role === 'admin' ? { admin: true, visible } : { moderator: true, admin: false, visible };
}
