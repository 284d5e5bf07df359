import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ReactionsService } from '../../../../libs/community/reactions.service.js';
import { jsonResponse } from '../../../../libs/protocol/wire.js';
import { route, type Handler } from '../dispatch/route.js';
import { reactorsLimitQuery } from './page-query.js';

const seqno = z.number().int().describe('The message’s greatest sequence number afterwards');
const addedObject = z.object({ added: z.boolean().describe('False when it was there already'), seqno });
const removedObject = z.object({ removed: z.boolean().describe('False when there was none'), seqno });
const clearedObject = z.object({ removed: z.number().int().describe('How many single reactions'), seqno });
const reactorsList = z
  .array(z.tuple([z.string().describe('66-digit hex id'), z.number().describe('Unix seconds')]))
  .describe('Oldest first');

/** Reactions to messages (protocol.md §4.3). */
@Injectable()
export class ReactionsHandler implements Handler {
  constructor(private readonly reactions: ReactionsService) {}

  readonly routes = [
    route({
      method: 'PUT',
      path: '/room/{room}/reaction/{id}/{emoji...}',
      summary: 'Reacts to a message',
      auth: 'user',
      access: 'read',
      response: addedObject,
      handle: async ({ identity, access, params }) =>
        jsonResponse(await this.reactions.add(identity, access, params.number('id'), params.rest())),
    }),
    route({
      method: 'DELETE',
      path: '/room/{room}/reaction/{id}/{emoji...}',
      summary: 'Takes one’s own reaction back',
      auth: 'user',
      access: 'read',
      response: removedObject,
      handle: async ({ identity, access, params }) =>
        jsonResponse(await this.reactions.remove(identity, access, params.number('id'), params.rest())),
    }),
    route({
      method: 'DELETE',
      path: '/room/{room}/reactions/{id}/{emoji...}',
      summary: 'Clears everybody’s reactions with one emoji',
      auth: 'user',
      access: 'moderator',
      response: clearedObject,
      handle: async ({ identity, access, params }) =>
        jsonResponse(await this.reactions.clear(identity, access, params.number('id'), params.rest())),
    }),
    route({
      method: 'DELETE',
      path: '/room/{room}/reactions/{id}',
      summary: 'Clears everybody’s reactions to a message',
      auth: 'user',
      access: 'moderator',
      response: clearedObject,
      handle: async ({ identity, access, params }) =>
        jsonResponse(await this.reactions.clear(identity, access, params.number('id'), undefined)),
    }),
    route({
      method: 'GET',
      path: '/room/{room}/reactors/{id}/{emoji...}',
      summary: 'Who reacted with an emoji',
      auth: 'public',
      access: 'read',
      query: reactorsLimitQuery,
      response: reactorsList,
      handle: async ({ access, params, query }) => {
        const reactors = await this.reactions.reactors(
          access,
          params.number('id'),
          params.rest(),
          query.limit,
        );
        return jsonResponse(reactors.map(({ sessionId, reactedAt }) => [sessionId, reactedAt]));
      },
    }),
  ];
}
