import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { PinsService } from '../../../../libs/community/pins.service.js';
import { infoUpdatesObject } from '../../../../libs/protocol/schemas/room.schema.js';
import { jsonResponse } from '../../../../libs/protocol/wire.js';
import { route, type Handler } from '../dispatch/route.js';
import { actorOf } from './caller.js';

const infoUpdates = z.number().int().describe('The new value of the room’s info_updates');
const unpinnedObject = z.object({
  unpinned: z.boolean().describe('False when it was not pinned'),
  info_updates: infoUpdates,
});
const allUnpinnedObject = z.object({
  unpinned: z.number().int().describe('How many were pinned'),
  info_updates: infoUpdates,
});

/** Pinned messages (protocol.md §4.4). Refused with 403 even to anonymous requests, so the level is `public`. */
@Injectable()
export class PinsHandler implements Handler {
  constructor(private readonly pins: PinsService) {}

  readonly routes = [
    route({
      method: 'POST',
      path: '/room/{room}/pin/{id}',
      summary: 'Pins a message, or pins it again',
      auth: 'public',
      access: 'admin',
      response: infoUpdatesObject,
      handle: async ({ identity, access, params }) =>
        jsonResponse({ info_updates: await this.pins.pin(actorOf(identity), access, params.number('id')) }),
    }),
    route({
      method: 'POST',
      path: '/room/{room}/unpin/{id}',
      summary: 'Unpins a message',
      auth: 'public',
      access: 'admin',
      response: unpinnedObject,
      handle: async ({ identity, access, params }) => {
        const done = await this.pins.unpin(actorOf(identity), access, params.number('id'));
        return jsonResponse({ unpinned: done.unpinned > 0, info_updates: done.infoUpdates });
      },
    }),
    route({
      method: 'POST',
      path: '/room/{room}/unpin/all',
      summary: 'Unpins all messages',
      auth: 'public',
      access: 'admin',
      response: allUnpinnedObject,
      handle: async ({ identity, access }) => {
        const done = await this.pins.unpin(actorOf(identity), access, undefined);
        return jsonResponse({ unpinned: done.unpinned, info_updates: done.infoUpdates });
      },
    }),
  ];
}
