import type { Principal } from '../../../../libs/community/admin/principal.js';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import type { sendWireResponse, toWireRequest } from '../http/wire-conversion.js';

/** What the guard found out about a request. */
export interface Asked {
  principal: Principal;
  /** The same one with the roles of a later moment; undefined when it may ask nothing any more. */
  again: () => Promise<Principal | undefined>;
  /** Of a request with a session cookie. */
  csrfToken?: string;
  /** Where the path names one. */
  room?: RoomAccess;
}

/** Fastify's request, which only `http/` knows by name. */
export type AdminRequest = Parameters<typeof toWireRequest>[0] & { asked?: Asked };
export type AdminReply = Parameters<typeof sendWireResponse>[0];

/** A header that comes once; undefined otherwise. */
export function headerOf(request: AdminRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
