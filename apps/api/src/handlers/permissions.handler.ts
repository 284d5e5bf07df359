import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  PermissionsService,
  type OverrideRecord,
  type ScheduledChange,
} from '../../../../libs/community/permissions.service.js';
import { Config } from '../../../../libs/config/config.js';
import {
  permissionChange,
  permissionsObject,
  scheduledObject,
  scheduledPermissionChange,
  type PermissionsObject,
  type ScheduledObject,
} from '../../../../libs/protocol/schemas/permissions.schema.js';
import { jsonResponse } from '../../../../libs/protocol/wire.js';
import { route, type Handler, type Route } from '../dispatch/route.js';
import { actorOf, refuseUnblinded } from './caller.js';

/** Permissions of single users in a room, now and scheduled (protocol.md §5). */
@Injectable()
export class PermissionsHandler implements Handler {
  readonly routes: readonly Route[];

  constructor(
    private readonly permissions: PermissionsService,
    private readonly config: Config,
  ) {
    this.routes = [...this.present(), ...this.future()];
  }

  private present(): Route[] {
    const moderator = { auth: 'user', access: 'moderator' } as const;
    return [
      route({
        ...moderator,
        method: 'GET',
        path: '/room/{room}/permissions',
        summary: 'Everybody with an override, ban or role in the room',
        response: z.record(z.string(), permissionsObject),
        handle: async ({ access }) => {
          const all = await this.permissions.list(access);
          return jsonResponse(Object.fromEntries(all.map((one) => [one.sessionId, overrideObject(one)])));
        },
      }),
      route({
        ...moderator,
        method: 'GET',
        path: '/room/{room}/permissions/{sid}',
        summary: 'One user’s override, ban or role in the room',
        response: permissionsObject,
        handle: async ({ access, params }) => {
          const override = await this.permissions.of(access, this.blinded(params.sessionId()));
          return jsonResponse(override ? overrideObject(override) : {});
        },
      }),
      route({
        ...moderator,
        method: 'POST',
        path: '/room/{room}/permissions/{sid}',
        summary: 'Sets or drops overrides of one user',
        body: permissionChange,
        response: permissionsObject,
        handle: async ({ access, params, identity, body }) => {
          const sessionId = this.blinded(params.sessionId());
          return jsonResponse(
            overrideObject(await this.permissions.change(actorOf(identity), access, sessionId, body)),
          );
        },
      }),
    ];
  }

  private future(): Route[] {
    const moderator = { auth: 'user', access: 'moderator' } as const;
    return [
      route({
        ...moderator,
        method: 'GET',
        path: '/room/{room}/futurePermissions',
        summary: 'What is scheduled in the room, by time',
        response: z.array(scheduledObject),
        handle: async ({ access }) => {
          const all = await this.permissions.scheduled(access, undefined);
          return jsonResponse(all.map((one) => ({ ...changeObject(one), session_id: one.sessionId })));
        },
      }),
      route({
        ...moderator,
        method: 'GET',
        path: '/room/{room}/futurePermissions/{sid}',
        summary: 'What is scheduled for one user, by time',
        response: z.array(scheduledObject),
        handle: async ({ access, params }) => {
          const changes = await this.permissions.scheduled(access, this.blinded(params.sessionId()));
          return jsonResponse(changes.map(changeObject));
        },
      }),
      route({
        ...moderator,
        method: 'POST',
        path: '/room/{room}/futurePermissions/{sid}',
        summary: 'Schedules a change; answers all that is scheduled for this user',
        body: scheduledPermissionChange,
        response: z.array(scheduledObject),
        handle: async ({ access, params, identity, body: { in: inSeconds, ...flags } }) => {
          const sessionId = this.blinded(params.sessionId());
          const actor = actorOf(identity);
          const changes = await this.permissions.scheduleChange(actor, access, sessionId, {
            flags,
            inSeconds,
          });
          return jsonResponse(changes.map(changeObject));
        },
      }),
    ];
  }

  private readonly blinded = (sessionId: Parameters<typeof refuseUnblinded>[0]) =>
    refuseUnblinded(sessionId, this.config.requireBlindedIds);
}

/** Only what is set; of the roles the higher one. */
function overrideObject(override: OverrideRecord): PermissionsObject {
  const { read, accessible, write, upload, banned, moderator, admin, visibleMod } = override;
  return {
    ...(read !== null && { read }),
    ...(accessible !== null && { accessible }),
    ...(write !== null && { write }),
    ...(upload !== null && { upload }),
    ...(banned && { banned: true as const }),
    ...(admin ? { admin: true as const } : moderator && { moderator: true as const }),
    ...(moderator && !visibleMod && { hidden: true as const }),
  };
}

const changeObject = ({ dueAt, read, write, upload, banned }: ScheduledChange): ScheduledObject => ({
  at: dueAt,
  ...(read !== null && { read }),
  ...(write !== null && { write }),
  ...(upload !== null && { upload }),
  ...(banned !== null && { banned }),
});
