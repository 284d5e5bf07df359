import { at, type Query } from './address.js';
import { ask, askVersioned, type Versioned } from './request.js';
import type { Member, Page, Permissions, Room, RoomPatch, NewRoom } from './types.js';

export const listRooms = (query: Query = {}): Promise<Page<Room>> => ask('GET', '/rooms', { query });
export const createRoom = (json: NewRoom): Promise<Room> => ask('POST', '/rooms', { json });
export const readRoom = (token: string): Promise<Versioned<Room>> => askVersioned(at`/rooms/${token}`);
export const changeRoom = (token: string, json: RoomPatch, ifMatch?: string): Promise<Room> =>
  ask('PATCH', at`/rooms/${token}`, { json, ifMatch });
/** Without `confirmationToken` it is refused with one. */
export const deleteRoom = (
  token: string,
  options: { ifMatch?: string; confirmationToken?: string },
): Promise<void> => ask('DELETE', at`/rooms/${token}`, options);
export const setRoomImage = (token: string, bytes: Blob): Promise<void> =>
  ask('PUT', at`/rooms/${token}/image`, { bytes });
export const removeRoomImage = (token: string): Promise<void> => ask('DELETE', at`/rooms/${token}/image`);

export const listMembers = (room: string, query: Query): Promise<Page<Member>> =>
  ask('GET', at`/rooms/${room}/members`, { query });
export const changeMember = (
  room: string,
  sessionId: string,
  json: { permissions: Permissions; until?: string },
): Promise<void> => ask('PATCH', at`/rooms/${room}/members/${sessionId}`, { json });
