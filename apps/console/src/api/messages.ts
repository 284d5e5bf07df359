import { at, type Query } from './address.js';
import { ask } from './request.js';
import type { MessagePage } from './types.js';

/** As many as one call takes. */
export const DELETED_AT_ONCE_MAX = 100;

export const listMessages = (room: string, query: Query): Promise<MessagePage> =>
  ask('GET', at`/rooms/${room}/messages`, { query });
export const deleteMessages = (room: string, ids: readonly number[]): Promise<void> =>
  ids.length === 1
    ? ask('DELETE', at`/rooms/${room}/messages/${ids[0]!}`)
    : ask('POST', at`/rooms/${room}/messages/delete`, { json: { ids } });
export const pinMessage = (room: string, id: number): Promise<void> =>
  ask('PUT', at`/rooms/${room}/messages/${id}/pin`);
export const unpinMessage = (room: string, id: number): Promise<void> =>
  ask('DELETE', at`/rooms/${room}/messages/${id}/pin`);
export const announce = (room: string, json: { text: string; pin?: boolean }): Promise<void> =>
  ask('POST', at`/rooms/${room}/announcements`, { json });
