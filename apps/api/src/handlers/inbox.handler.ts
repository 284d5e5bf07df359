import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DirectMessagesService } from '../../../../libs/community/direct-messages.service.js';
import { Config } from '../../../../libs/config/config.js';
import { encodeBase64 } from '../../../../libs/protocol/encodings.js';
import {
  directMessage,
  newDirectMessage,
  sentDirectMessage,
  type DirectMessageObject,
} from '../../../../libs/protocol/schemas/direct-message.schema.js';
import { EMPTY_BODY, jsonResponse } from '../../../../libs/protocol/wire.js';
import type { Box, DirectMessageRecord } from '../../../../libs/community/direct-messages.service.js';
import { route, type Handler, type Route } from '../dispatch/route.js';
import { refuseUnblinded } from './caller.js';
import { limitQuery } from './page-query.js';

/** Direct messages between blinded users (protocol.md §7). */
@Injectable()
export class InboxHandler implements Handler {
  readonly routes: readonly Route[];

  constructor(
    private readonly directMessages: DirectMessagesService,
    config: Config,
  ) {
    this.routes = [...this.reading('inbox'), ...this.reading('outbox'), ...this.writing(config)];
  }

  private reading(box: Box): Route[] {
    const what = box === 'inbox' ? 'received' : 'sent';
    return [
      route({
        method: 'GET',
        path: `/${box}`,
        summary: `Direct messages that the caller ${what}`,
        auth: 'blinded',
        query: limitQuery,
        response: z.array(directMessage),
        handle: async ({ identity, query }) => {
          const messages = await this.directMessages.list(identity, box, { sinceId: 0, limit: query.limit });
          if (messages.length === 0) return NOTHING;
          return jsonResponse(messages.map(directMessageObject));
        },
      }),
      route({
        method: 'GET',
        path: `/${box}/since/{id}`,
        summary: `Those ${what} after one; 304 if there are none`,
        auth: 'blinded',
        query: limitQuery,
        response: z.array(directMessage),
        handle: async ({ identity, query, params }) => {
          const page = { sinceId: params.number('id'), limit: query.limit };
          const messages = await this.directMessages.list(identity, box, page);
          if (messages.length === 0) return { status: 304, headers: {}, body: EMPTY_BODY };
          return jsonResponse(messages.map(directMessageObject));
        },
      }),
    ];
  }

  private writing({ limits, requireBlindedIds }: Config): Route[] {
    return [
      route({
        method: 'POST',
        path: '/inbox/{sid}',
        summary: 'Sends a direct message',
        auth: 'user',
        body: newDirectMessage(limits),
        response: sentDirectMessage,
        successStatus: 201,
        handle: async ({ identity, params, body }) => {
          const recipient = refuseUnblinded(params.sessionId(), requireBlindedIds);
          const sent = await this.directMessages.send(identity, recipient, body.message);
          return jsonResponse(sentObject(sent), 201);
        },
      }),
      route({
        method: 'DELETE',
        path: '/inbox',
        summary: 'Deletes all that the caller received, for the senders too',
        auth: 'blinded',
        response: z.object({ deleted: z.number().int().describe('How many') }),
        handle: async ({ identity }) =>
          jsonResponse({ deleted: await this.directMessages.deleteReceived(identity) }),
      }),
    ];
  }
}

const NOTHING = jsonResponse([]);

const sentObject = ({ id, postedAt, expiresAt, sender, recipient }: DirectMessageRecord) => ({
  id,
  posted_at: postedAt,
  expires_at: expiresAt,
  sender,
  recipient,
});

const directMessageObject = (message: DirectMessageRecord): DirectMessageObject => ({
  ...sentObject(message),
  message: encodeBase64(message.body),
});
