/** 66 lower-case hex digits: a prefix byte (05, 15, 25, ff) and 32 bytes (protocol.md §1). */
export type SessionId = string & { readonly __brand: 'SessionId' };
/** A `15…` id: blinded for this server. */
export type BlindedId = SessionId & { readonly __blinded: true };
/** A `05…` id: a Session account as its contacts know it. */
export type UnblindedId = SessionId & { readonly __unblinded: true };
/** 1–64 of `A-Z a-z 0-9 _ -`; compared without case, case kept (protocol.md §3). */
export type RoomToken = string & { readonly __brand: 'RoomToken' };

const SESSION_ID = /^(05|15|25)[0-9a-f]{64}$/;
const ROOM_TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/** Lower-cases and checks; undefined when it is not the id of a person (so not `00` and not `ff` either). */
export function parseSessionId(text: string): SessionId | undefined {
  if (text.length !== 66) return undefined;
  const id = text.toLowerCase();
  return SESSION_ID.test(id) ? (id as SessionId) : undefined;
}

export const isBlinded = (id: SessionId): id is BlindedId => id.startsWith('15');
export const isUnblinded = (id: SessionId): id is UnblindedId => id.startsWith('05');

/** The id made of a prefix byte and 32 key bytes. */
export const sessionIdOf = (prefix: '05' | '15' | 'ff', key: Uint8Array): SessionId =>
  (prefix + Buffer.from(key).toString('hex')) as SessionId;

/** The 32 bytes after the prefix. */
export const sessionIdKey = (id: SessionId): Buffer => Buffer.from(id.slice(2), 'hex');

export function parseRoomToken(text: string): RoomToken | undefined {
  return ROOM_TOKEN.test(text) ? (text as RoomToken) : undefined;
}

/** What tokens are compared and sorted by. */
export const roomTokenKey = (token: string): string => token.toLowerCase();
