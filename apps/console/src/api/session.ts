import { ask } from './request.js';
import type { ServerInfo, Session } from './types.js';

export const readSession = (): Promise<Session> => ask('GET', '/session');
/** The answer is the same whether anybody has that id. */
export const requestLoginLink = (sessionId: string): Promise<void> =>
  ask('POST', '/login', { json: { sessionId } });
export const redeemLoginLink = (code: string): Promise<void> =>
  ask('POST', '/login/redeem', { json: { code } });
export const logout = (): Promise<void> => ask('POST', '/logout');
export const readServer = (): Promise<ServerInfo> => ask('GET', '/server');
