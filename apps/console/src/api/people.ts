import { at, type Query } from './address.js';
import { ask } from './request.js';
import type { AppointedRole, Ban, BanInput, Moderator, Page, UserDetail, UserSummary } from './types.js';

export const listUsers = (query: Query): Promise<Page<UserSummary>> => ask('GET', '/users', { query });
export const readUser = (sessionId: string): Promise<UserDetail> => ask('GET', at`/users/${sessionId}`);

/** `none` takes a role away. */
export type GivenRole = AppointedRole | 'none';
export const setRoles = (
  sessionId: string,
  json: { global?: GivenRole; rooms?: Record<string, GivenRole> },
): Promise<void> => ask('PUT', at`/users/${sessionId}/roles`, { json });
/** No rooms: everywhere, which needs a confirmation. */
export const deletePosts = (
  sessionId: string,
  rooms: readonly string[] | undefined,
  confirmationToken?: string,
): Promise<void> =>
  ask('POST', at`/users/${sessionId}/delete-posts`, { json: rooms ? { rooms } : {}, confirmationToken });

export const listModerators = (room: string): Promise<Page<Moderator>> =>
  ask('GET', '/moderators', { query: { room } });

export const listBans = (query: Query): Promise<Page<Ban>> => ask('GET', '/bans', { query });
/** One that deletes posts everywhere needs a confirmation. */
export const ban = (json: BanInput, confirmationToken?: string): Promise<void> =>
  ask('POST', '/bans', { json, confirmationToken });
export const liftBan = (id: string): Promise<void> => ask('DELETE', at`/bans/${id}`);
export const mute = (json: Omit<BanInput, 'deletePosts'>): Promise<void> => ask('POST', '/mutes', { json });
export const liftMute = (id: string): Promise<void> => ask('DELETE', at`/mutes/${id}`);
