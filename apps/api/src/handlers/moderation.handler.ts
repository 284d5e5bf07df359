import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { BansService } from '../../../../libs/community/bans.service.js';
import { DeletionsService } from '../../../../libs/community/deletions.service.js';
import { ModerationScopeService } from '../../../../libs/community/moderation-scope.service.js';
import { ModeratorsService } from '../../../../libs/community/moderators.service.js';
import { PeopleService, type UserRecord } from '../../../../libs/community/people.service.js';
import { RoomsService } from '../../../../libs/community/rooms.service.js';
import { Config } from '../../../../libs/config/config.js';
import { notFound } from '../../../../libs/protocol/errors.js';
import { isBlinded, isUnblinded, type SessionId } from '../../../../libs/protocol/ids.js';
import {
  ban,
  banCallBody,
  moderationScope,
  roleCallBody,
  roleChange,
  roleCounters,
} from '../../../../libs/protocol/schemas/moderation.schema.js';
import { jsonResponse } from '../../../../libs/protocol/wire.js';
import { route, type Handler, type PathParams, type Route } from '../dispatch/route.js';
import { actorOf, refuseUnblinded } from './caller.js';

/**
 * Roles, bans, and deleting all of somebody's posts (protocol.md §4.2, §6). The bodies are looked at in two steps:
 * where, then the caller's role there, then what.
 */
@Injectable()
export class ModerationHandler implements Handler {
  readonly routes: readonly Route[];

  constructor(
    private readonly scopes: ModerationScopeService,
    private readonly moderators: ModeratorsService,
    private readonly bans: BansService,
    private readonly deletions: DeletionsService,
    private readonly rooms: RoomsService,
    private readonly people: PeopleService,
    private readonly config: Config,
  ) {
    this.routes = [this.role(), this.ban(), this.unban(), ...this.deleteAll()];
  }

  private role(): Route {
    return route({
      method: 'POST',
      path: '/user/{sid}/moderator',
      summary: 'Appoints, promotes, demotes or removes a moderator',
      auth: 'user',
      body: moderationScope(this.config.limits),
      wholeBody: roleCallBody(this.config.limits),
      response: roleCounters,
      handle: async ({ identity, params, body }) => {
        const sessionId = namedUser(params);
        const where = await this.scopes.resolve(identity, body.scope, 'admin');
        const change = roleChange.parse(body.rest);
        const actor = actorOf(identity);
        const counters =
          where === 'global'
            ? await this.moderators.changeGlobally(actor, sessionId, change)
            : await this.moderators.changeInRooms(
                actor,
                sessionId,
                where.map(({ room }) => room.token),
                change,
              );
        return jsonResponse({ info_updates: Object.fromEntries(counters) });
      },
    });
  }

  private ban(): Route {
    return route({
      method: 'POST',
      path: '/user/{sid}/ban',
      summary: 'Bans a user from rooms or from the whole server',
      auth: 'user',
      body: moderationScope(this.config.limits),
      wholeBody: banCallBody(this.config.limits),
      response: z.object({}),
      handle: async ({ identity, params, body }) => {
        const sessionId = namedUser(params);
        const where = await this.scopes.resolve(identity, body.scope, 'moderator');
        const { timeout } = ban.parse(body.rest);
        const actor = actorOf(identity);
        if (where === 'global') await this.bans.banGlobally(actor, sessionId, timeout);
        else await this.bans.banInRooms(actor, where, sessionId, timeout);
        return jsonResponse({});
      },
    });
  }

  private unban(): Route {
    return route({
      method: 'POST',
      path: '/user/{sid}/unban',
      summary: 'Lifts bans',
      auth: 'user',
      body: moderationScope(this.config.limits),
      response: z.object({}),
      handle: async ({ identity, params, body }) => {
        const sessionId = namedUser(params);
        const where = await this.scopes.resolve(identity, body.scope, 'moderator');
        const actor = actorOf(identity);
        if (where === 'global') await this.bans.unbanGlobally(actor, sessionId);
        else await this.bans.unbanInRooms(actor, where, sessionId);
        return jsonResponse({});
      },
    });
  }

  private deleteAll(): Route[] {
    return [
      route({
        method: 'DELETE',
        path: '/room/{room}/all/{sid}',
        summary: 'Deletes all posts of a user in a room, and their uploads',
        auth: 'user',
        access: 'known',
        response: z.object({}),
        handle: async ({ identity, access, params }) => {
          await this.deletions.deleteAllInRoom(identity, access, await this.knownUser(params));
          return jsonResponse({});
        },
      }),
      route({
        method: 'DELETE',
        path: '/rooms/all/{sid}',
        summary: 'The same in every room where the caller may',
        auth: 'user',
        response: z.object({
          total: z.number().int().describe('Deleted messages in all'),
          rooms: z.record(z.string(), z.number().int()).describe('Deleted messages by room token'),
        }),
        handle: async ({ identity, params }) => {
          const author = await this.knownUser(params);
          const accesses = await this.rooms.accessesOf(identity);
          const deleted = await this.deletions.deleteAllInRooms(identity, accesses, author);
          const total = [...deleted.values()].reduce((sum, count) => sum + count, 0);
          return jsonResponse({ total, rooms: Object.fromEntries(deleted) });
        },
      }),
    ];
  }

  /** Throws 404 for somebody who is not known here. */
  private async knownUser(params: PathParams): Promise<UserRecord> {
    const user = await this.people.find(refuseUnblinded(params.sessionId(), this.config.requireBlindedIds));
    if (!user) throw notFound();
    return user;
  }
}

/** Here both a 15 and a 05 id name a person, seen before or not. */
function namedUser(params: PathParams): SessionId {
  const sessionId = params.sessionId();
  if (!isBlinded(sessionId) && !isUnblinded(sessionId)) throw notFound();
  return sessionId;
}
