import type { Identity } from '../../../../libs/auth/identity.js';
import type { Actor } from '../../../../libs/community/actor.js';
import { forbidden, notFound } from '../../../../libs/protocol/errors.js';
import { isBlinded, type SessionId } from '../../../../libs/protocol/ids.js';

/** On whose behalf a request acts. Throws 403 for an anonymous one. */
export function actorOf(identity: Identity | undefined): Actor {
  if (!identity) throw forbidden();
  return { userId: identity.user.id, via: 'protocol' };
}

/** Where blinding is required, paths know 15 ids alone (protocol.md §6). Throws 404 for others. */
export function refuseUnblinded(sessionId: SessionId, requireBlindedIds: boolean): SessionId {
  if (requireBlindedIds && !isBlinded(sessionId)) throw notFound();
  return sessionId;
}
