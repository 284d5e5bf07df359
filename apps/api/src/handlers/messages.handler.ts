import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DeletionsService } from '../../../../libs/community/deletions.service.js';
import { MessagesService } from '../../../../libs/community/messages.service.js';
import { PostsService } from '../../../../libs/community/posts.service.js';
import { Config } from '../../../../libs/config/config.js';
import { forbidden } from '../../../../libs/protocol/errors.js';
import {
  messageEdit,
  messageObject,
  newMessage,
  reactionUpdateObject,
} from '../../../../libs/protocol/schemas/message.schema.js';
import { jsonResponse, readyJsonResponse, type WireResponse } from '../../../../libs/protocol/wire.js';
import { route, type Handler, type Route } from '../dispatch/route.js';
import { HeldBytes } from '../held-bytes.js';
import { pageQuery, reactorsQuery, sinceQuery } from './page-query.js';

/** Reading and writing messages (protocol.md §4.1, §4.2). */
@Injectable()
export class MessagesHandler implements Handler {
  readonly routes: readonly Route[];

  constructor(
    private readonly messages: MessagesService,
    private readonly posts: PostsService,
    private readonly deletions: DeletionsService,
    private readonly held: HeldBytes,
    config: Config,
  ) {
    this.routes = [...this.reading(), ...this.writing(config)];
  }

  private reading(): Route[] {
    const reader = { method: 'GET', auth: 'public', access: 'read', countsAsVisit: true } as const;
    return [
      route({
        ...reader,
        path: '/room/{room}/messages/recent',
        summary: 'The newest messages, newest first',
        query: pageQuery,
        response: z.array(messageObject),
        handle: async ({ access, query }) => this.page(await this.messages.recentJson(access, query)),
      }),
      route({
        ...reader,
        path: '/room/{room}/messages/before/{id}',
        summary: 'Messages older than one, newest first',
        query: pageQuery,
        response: z.array(messageObject),
        handle: async ({ access, query, params }) =>
          this.page(await this.messages.beforeJson(access, query, params.number('id'))),
      }),
      route({
        ...reader,
        path: '/room/{room}/messages/since/{seqno}',
        summary: 'Changes after a sequence number, in their order',
        query: sinceQuery,
        response: z.array(z.union([messageObject, reactionUpdateObject])),
        handle: async ({ access, query, params }) => {
          const after = { seqno: params.number('seqno'), reactionChanges: query.t?.includes('r') ?? false };
          return this.page(await this.messages.sinceJson(access, query, after));
        },
      }),
      route({
        ...reader,
        path: '/room/{room}/message/{id}',
        summary: 'One message',
        query: reactorsQuery,
        response: messageObject,
        handle: async ({ access, query, params }) =>
          jsonResponse(await this.messages.one(access, { limit: 1, ...query }, params.number('id'))),
      }),
    ];
  }

  /** Throws 503 for a large one that would be one too many in memory while it is sent. */
  private page(json: Buffer): WireResponse {
    this.held.refuseWithoutRoom(json.length);
    return readyJsonResponse(json);
  }

  private writing({ limits }: Config): Route[] {
    return [
      route({
        method: 'POST',
        path: '/room/{room}/message',
        summary: 'Posts a message',
        auth: 'user',
        access: 'write',
        body: newMessage(limits),
        response: messageObject,
        successStatus: 201,
        handle: async ({ identity, access, body }) =>
          jsonResponse(await this.posts.post(identity, access, body), 201),
      }),
      route({
        method: 'PUT',
        path: '/room/{room}/message/{id}',
        summary: 'Edits one’s own message',
        auth: 'user',
        access: 'write',
        body: messageEdit(limits),
        response: z.object({}),
        handle: async ({ identity, access, params, body }) => {
          await this.posts.edit(identity, access, params.number('id'), body);
          return jsonResponse({});
        },
      }),
      route({
        method: 'DELETE',
        path: '/room/{room}/message/{id}',
        summary: 'Deletes one’s own message, or as a moderator anybody’s',
        auth: 'user',
        access: 'known',
        response: z.object({}),
        handle: async ({ identity, access, params }) => {
          if (!access.write && !access.moderator) throw forbidden();
          await this.deletions.deleteOne(identity, access, params.number('id'));
          return jsonResponse({});
        },
      }),
    ];
  }
}
