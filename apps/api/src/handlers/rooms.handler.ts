import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RoomViews } from '../../../../libs/community/read-models/room-views.js';
import { RoomsService, type RoomSettings } from '../../../../libs/community/rooms.service.js';
import { badRequest, notFound } from '../../../../libs/protocol/errors.js';
import {
  infoUpdatesObject,
  pollInfoObject,
  roomObject,
  roomUpdate,
  type RoomUpdate,
} from '../../../../libs/protocol/schemas/room.schema.js';
import { jsonResponse, readyJsonResponse } from '../../../../libs/protocol/wire.js';
import { route, type Handler } from '../dispatch/route.js';

/** Rooms over HTTP (protocol.md §5). */
@Injectable()
export class RoomsHandler implements Handler {
  constructor(
    private readonly rooms: RoomsService,
    private readonly views: RoomViews,
  ) {}

  readonly routes = [
    route({
      method: 'GET',
      path: '/rooms',
      summary: 'The rooms that the caller may know of',
      auth: 'public',
      response: z.array(roomObject),
      handle: async ({ identity }) => jsonResponse(await this.rooms.list(identity)),
    }),
    route({
      method: 'GET',
      path: '/room/{room}',
      summary: 'One room as the caller sees it',
      auth: 'public',
      access: 'accessible',
      response: roomObject,
      handle: async ({ access }) => readyJsonResponse(await this.views.objectJson(access)),
    }),
    route({
      method: 'PUT',
      path: '/room/{room}',
      summary: 'Changes name, description, image or default permissions',
      auth: 'user',
      access: 'admin',
      body: roomUpdate,
      response: infoUpdatesObject,
      handle: async ({ access, identity, body }) => {
        const actor = { userId: identity.user.id, via: 'protocol' as const };
        const infoUpdates = await this.rooms.update(actor, access.room.token, settingsOf(body));
        if (infoUpdates === undefined) throw notFound();
        return jsonResponse({ info_updates: infoUpdates });
      },
    }),
    route({
      method: 'GET',
      path: '/room/{room}/pollInfo/{infoUpdates}',
      summary: 'Short room state; details only when info_updates differs from the number in the path',
      auth: 'public',
      access: 'read',
      countsAsVisit: true,
      response: pollInfoObject,
      handle: async ({ access, params }) =>
        readyJsonResponse(await this.views.pollInfoJson(access, params.number('infoUpdates'))),
    }),
  ];
}

/** Throws 400 when there is nothing to update. */
function settingsOf(body: RoomUpdate): RoomSettings {
  const settings: RoomSettings = {
    ...(body.name !== undefined && { name: body.name }),
    ...(body.description !== undefined && { description: body.description }),
    ...(body.image !== undefined && { imageId: body.image }),
    ...(body.default_read !== undefined && { defaultRead: body.default_read }),
    ...(body.default_accessible !== undefined && { defaultAccessible: body.default_accessible }),
    ...(body.default_write !== undefined && { defaultWrite: body.default_write }),
    ...(body.default_upload !== undefined && { defaultUpload: body.default_upload }),
  };
  if (Object.keys(settings).length === 0) throw badRequest('There is nothing to update');
  return settings;
}
