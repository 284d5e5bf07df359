import { Delete, Get, Post, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import {
  BanListService,
  type BanKind,
  type BanRecord,
} from '../../../../libs/community/admin/ban-list.service.js';
import { roomIdsOf, type Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService, requireEverywhere } from '../../../../libs/community/admin/principals.service.js';
import { BansService } from '../../../../libs/community/bans.service.js';
import { MutesService } from '../../../../libs/community/mutes.service.js';
import { PeopleService } from '../../../../libs/community/people.service.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { Clock } from '../../../../libs/protocol/clock.js';
import type { SessionId } from '../../../../libs/protocol/ids.js';
import { AdminController, Repeatable } from './admin-controller.js';
import { Answers, AnswersNothing, Refuses } from './answers.js';
import type { AdminRequest } from './exchange.js';
import { JsonBody, PathOf, QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { pageFrom, pageOf, readCursor, type Page } from './paging.js';
import { PostRemoval } from './post-removal.js';
import { noSuch, ProblemError } from './problem.js';
import {
  banId,
  banPlace,
  banQuery,
  banResource,
  newBan,
  newMute,
  showBan,
  type BanPlace,
} from './schemas/ban.schema.js';

type Ban = z.infer<typeof banResource>;
const banned = banResource.extend({
  jobId: z.string().optional().describe('Of the deletion of their posts'),
});

@AdminController('', 'bans')
export class BansController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly list: BanListService,
    private readonly bans: BansService,
    private readonly mutes: MutesService,
    private readonly people: PeopleService,
    private readonly removal: PostRemoval,
    private readonly clock: Clock,
  ) {}

  @Get('bans')
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'Bans and mutes, newest first; in your rooms, or in one' })
  @Answers(200, 'Bans', pageOf(banResource))
  async all(
    @Asker() principal: Principal,
    @QueryOf(banQuery) { limit, cursor, room, prefix, kind }: z.infer<typeof banQuery>,
  ): Promise<Page<Ban>> {
    const here = room === undefined ? undefined : await this.principals.room(principal, room, 'viewer');
    const rows = await this.list.list({
      kind,
      prefix,
      roomIds: here ? [here.room.id] : roomIdsOf(principal),
      withServer: !here && principal.global !== undefined,
      after: readCursor(banPlace, cursor),
      limit: limit + 1,
    });
    const placeOf = ({ at, userId, roomId }: BanRecord) => ({ at, userId, roomId: roomId ?? 0 });
    return pageFrom(rows, limit, { show: showBan, placeOf });
  }

  @Post('bans')
  @Needs('moderator', 'anywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Ban somebody in a room, or on the whole server' })
  @Answers(201, 'The ban', banned)
  @Refuses({ 404: 'There is no such room', 409: 'Deleting posts on the whole server has to be confirmed' })
  async ban(
    @Asker() principal: Principal,
    @JsonBody(newBan) wish: z.infer<typeof newBan>,
    @Req() request: AdminRequest,
  ): Promise<z.infer<typeof banned>> {
    const { sessionId, room, until, reason, deletePosts } = wish;
    const access = await this.placeFor(principal, room);
    const seconds = this.secondsUntil(until) ?? 0;
    const actor = { ...principal.actor, reason };
    const places = access && [access];
    if (deletePosts) await this.removal.check(principal, sessionId, places);
    if (deletePosts && !access) await this.removal.confirm(request, principal, sessionId);
    if (access) await this.bans.banInRooms(actor, [access], sessionId, seconds);
    else await this.bans.banGlobally(actor, sessionId, seconds);
    const jobId = deletePosts ? await this.removal.start(principal, sessionId, places) : undefined;
    return { ...(await this.one('ban', sessionId, access)), ...(jobId !== undefined && { jobId }) };
  }

  @Delete('bans/:id')
  @Needs('moderator', 'anywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Lift a ban' })
  @AnswersNothing('It is lifted')
  async lift(
    @Asker() principal: Principal,
    @PathOf('id', banId, 'Id of the ban') id: BanPlace,
  ): Promise<void> {
    const { sessionId, access } = await this.standing(principal, 'ban', id);
    if (access) await this.bans.unbanInRooms(principal.actor, [access], sessionId);
    else await this.bans.unbanGlobally(principal.actor, sessionId);
  }

  @Post('mutes')
  @Needs('moderator', 'anywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Take the right to write in a room from somebody' })
  @Answers(201, 'The mute', banResource)
  @Refuses({ 404: 'There is no such room' })
  async mute(
    @Asker() principal: Principal,
    @JsonBody(newMute) { sessionId, room, until, reason }: z.infer<typeof newMute>,
  ): Promise<Ban> {
    const access = await this.principals.room(principal, room, 'moderator');
    const actor = { ...principal.actor, reason };
    await this.mutes.mute(actor, access, sessionId, this.secondsUntil(until));
    return this.one('mute', sessionId, access);
  }

  @Delete('mutes/:id')
  @Needs('moderator', 'anywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Let somebody write again' })
  @AnswersNothing('They may write')
  async unmute(
    @Asker() principal: Principal,
    @PathOf('id', banId, 'Id of the mute') id: BanPlace,
  ): Promise<void> {
    const { sessionId, access } = await this.standing(principal, 'mute', id);
    if (!access) throw noSuch('mute');
    await this.mutes.lift(principal.actor, access, sessionId);
  }

  /** The room, or undefined for the whole server. */
  private async placeFor(principal: Principal, room: string | undefined): Promise<RoomAccess | undefined> {
    if (room !== undefined) return this.principals.room(principal, room, 'moderator');
    requireEverywhere(principal, 'moderator');
    return undefined;
  }

  private secondsUntil(until: number | undefined): number | undefined {
    if (until === undefined) return undefined;
    const seconds = until - this.clock.nowSeconds();
    if (seconds <= 0) throw new ProblemError('invalid', 'until: it lies in the past');
    return seconds;
  }

  /** What the id names, if it is there for this principal to lift. */
  private async standing(
    principal: Principal,
    kind: BanKind,
    { userId, roomId }: BanPlace,
  ): Promise<{ sessionId: SessionId; access: RoomAccess | undefined }> {
    const roomIds = roomId === undefined ? [] : [roomId];
    const found = await this.list.list({
      kind,
      userId,
      roomIds,
      withServer: roomId === undefined && principal.global !== undefined,
      limit: 1,
    });
    const [ban] = found;
    if (!ban) throw noSuch(kind);
    return { sessionId: ban.sessionId, access: await this.placeFor(principal, ban.room ?? undefined) };
  }

  private async one(kind: BanKind, sessionId: SessionId, access: RoomAccess | undefined): Promise<Ban> {
    const user = await this.people.known(sessionId);
    const place = access
      ? { roomIds: [access.room.id], withServer: false }
      : { roomIds: [], withServer: true };
    const [ban] = await this.list.list({ kind, userId: user!.id, ...place, limit: 1 });
    if (!ban) throw new ProblemError('conflict', 'Somebody else has lifted it at once');
    return showBan(ban);
  }
}
