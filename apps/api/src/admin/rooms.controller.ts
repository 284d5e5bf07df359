import { Delete, Get, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService } from '../../../../libs/community/admin/principals.service.js';
import { FilesService } from '../../../../libs/community/files.service.js';
import { joinLink, publicOrigin } from '../../../../libs/community/join-link.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import type { RoomSettings } from '../../../../libs/community/room-settings.js';
import { RoomsService } from '../../../../libs/community/rooms.service.js';
import { ServerIdentity } from '../../../../libs/community/server-identity.js';
import { Config } from '../../../../libs/config/config.js';
import { readImageHeader } from '../../../../libs/moderation/file-facts/image-header.js';
import type { RoomToken } from '../../../../libs/protocol/ids.js';
import { AdminController, Conditional, Repeatable } from './admin-controller.js';
import { Answers, AnswersNothing, Refuses } from './answers.js';
import { Confirmations } from './confirmations.js';
import { Etags } from './etags.js';
import type { AdminReply, AdminRequest } from './exchange.js';
import { JsonBody, QueryOf } from './input.js';
import { Asker, InRoom, Needs, RoomInPath } from './needs.js';
import { pageOf, writeCursor, readCursor, type Page } from './paging.js';
import { noSuch, ProblemError } from './problem.js';
import {
  isFound,
  newRoom,
  newRoomOf,
  roomFacts,
  roomPatch,
  roomQuery,
  roomResource,
  roomState,
  settingsOf,
  showRoom,
} from './schemas/room.schema.js';
import { text } from './schemas/parts.schema.js';

type Room = z.infer<typeof roomResource>;
const roomPlace = z.object({ after: text });
const IMAGE_NAME = 'room-image';

@AdminController('rooms', 'rooms')
export class RoomsController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly rooms: RoomsService,
    private readonly files: FilesService,
    private readonly etags: Etags,
    private readonly confirmations: Confirmations,
    private readonly identity: ServerIdentity,
    private readonly config: Config,
  ) {}

  @Get()
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'The rooms that you may look after, by token' })
  @Answers(200, 'Rooms', pageOf(roomResource))
  async list(
    @Asker() principal: Principal,
    @QueryOf(roomQuery) { limit, cursor, search = '' }: z.infer<typeof roomQuery>,
    @Req() request: AdminRequest,
  ): Promise<Page<Room>> {
    const all = await this.principals.visibleRooms(principal);
    const after = readCursor(roomPlace, cursor)?.after ?? '';
    const left = all.filter(({ room }) => room.token.toLowerCase() > after && isFound(room, search));
    const shown = left.slice(0, limit);
    const last = shown.at(-1)?.room.token.toLowerCase();
    const hasMore = left.length > limit && last !== undefined;
    const items = shown.map((access) => this.shown(access, request));
    return { items, ...(hasMore && { nextCursor: writeCursor({ after: last }) }) };
  }

  @Post()
  @Needs('admin', 'everywhere')
  @Repeatable()
  @ApiOperation({ summary: 'Make a room' })
  @Answers(201, 'The room', roomResource)
  @Refuses({ 409: 'There is a room with this token' })
  async create(
    @Asker() principal: Principal,
    @JsonBody(newRoom) wish: z.infer<typeof newRoom>,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Room> {
    const created = await this.rooms.create(principal.actor, newRoomOf(wish));
    if (!created) throw new ProblemError('conflict', `There is a room "${wish.token}" already`);
    void reply.header('location', `/admin/v1/rooms/${created.token}`);
    return this.show(principal, created.token, reply);
  }

  @Get(':token')
  @Needs('viewer', 'room')
  @ApiOperation({ summary: 'One room' })
  @Answers(200, 'The room, with its ETag', roomResource)
  one(@InRoom() access: RoomAccess, @Res({ passthrough: true }) reply: AdminReply): Room {
    return this.answer(access, reply);
  }

  @Patch(':token')
  @Needs('admin', 'room')
  @Conditional()
  @Repeatable()
  @ApiOperation({ summary: 'Change a room; what is left out stays' })
  @Answers(200, 'The room as it is now', roomResource)
  @Refuses({ 412: 'Somebody else has changed it', 428: 'If-Match is missing' })
  async change(
    @Asker() principal: Principal,
    @InRoom() { room }: RoomAccess,
    @JsonBody(roomPatch) patch: z.infer<typeof roomPatch>,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Room> {
    return this.update(principal, room.token, settingsOf(patch), { request, reply });
  }

  @Delete(':token')
  @Needs('admin', 'everywhere')
  @RoomInPath()
  @Conditional()
  @Repeatable()
  @ApiOperation({ summary: 'Remove a room with all its messages; has to be confirmed' })
  @AnswersNothing('It is gone')
  @Refuses({
    404: 'There is no such room',
    409: 'Send the confirmationToken as X-Confirmation-Token',
    412: 'Somebody else has changed it',
    428: 'If-Match is missing',
  })
  async remove(@Asker() principal: Principal, @Req() request: AdminRequest): Promise<void> {
    const { token = '' } = request.params as { token?: string };
    const { room } = await this.principals.room(principal, token, 'admin');
    const match = this.etags.demand(request);
    this.etags.check(match, roomState(room));
    this.confirmations.demand(request, principal, {
      action: `delete room ${room.id}`,
      summary: `The room "${room.name}" (${room.token}) with all its messages and files will be gone for good.`,
    });
    const isGone = await this.rooms.delete(principal.actor, room.token, (locked) =>
      this.etags.check(match, roomState(locked)),
    );
    if (!isGone) throw noSuch('room');
  }

  @Put(':token/image')
  @Needs('admin', 'room')
  @ApiOperation({ summary: "Upload the room's image: the bytes of it" })
  @ApiBody({ required: true, description: 'The image', schema: { type: 'string', format: 'binary' } })
  @Answers(200, 'The room as it is now', roomResource)
  @Refuses({ 400: 'There is nothing in it, or no image', 413: 'It is too large' })
  async setImage(
    @Asker() principal: Principal,
    @InRoom() access: RoomAccess,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Room> {
    const bytes = request.body;
    if (!Buffer.isBuffer(bytes) || bytes.length === 0)
      throw new ProblemError('invalid', 'Send the bytes of an image');
    if (!readImageHeader(bytes))
      throw new ProblemError('invalid', 'This is no picture: send a PNG, JPEG, GIF or WebP');
    const uploader = { user: { id: principal.actor.userId } };
    const imageId = await this.files.upload(uploader, access, bytes, IMAGE_NAME);
    return this.update(principal, access.room.token, { imageId }, { reply });
  }

  @Delete(':token/image')
  @Needs('admin', 'room')
  @ApiOperation({ summary: "Remove the room's image" })
  @AnswersNothing('There is none any more')
  async removeImage(@Asker() principal: Principal, @InRoom() { room }: RoomAccess): Promise<void> {
    await this.rooms.update(principal.actor, room.token, { imageId: null });
  }

  /** With a `request`, only if the room is still what its sender has seen. */
  private async update(
    principal: Principal,
    token: RoomToken,
    settings: RoomSettings,
    { request, reply }: { request?: AdminRequest; reply: AdminReply },
  ): Promise<Room> {
    const match = request && this.etags.demand(request);
    const updated = await this.rooms.update(principal.actor, token, settings, (room) => {
      if (match !== undefined) this.etags.check(match, roomState(room));
    });
    if (updated === undefined) throw noSuch('room');
    return this.show(principal, token, reply);
  }

  private async show(principal: Principal, token: RoomToken, reply: AdminReply): Promise<Room> {
    const access = await this.principals.room(principal, token, 'viewer');
    return this.answer(access, reply);
  }

  private answer(access: RoomAccess, reply: AdminReply): Room {
    this.etags.put(reply, roomState(access.room), roomFacts(access));
    return this.shown(access, reply.request);
  }

  private shown(access: RoomAccess, { socket }: Pick<AdminRequest, 'socket'>): Room {
    const origin = publicOrigin(this.config, socket.localPort ?? 0);
    return showRoom(access, joinLink(origin, access.room.token, this.identity.keys.publicKeyHex));
  }
}
