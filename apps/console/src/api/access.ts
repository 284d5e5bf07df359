import { at, type Query } from './address.js';
import { ask, askVersioned, type Versioned } from './request.js';
import type { AccessToken, Attempt, Delivery, NewToken, NewWebhook, Webhook } from './record-types.js';
import type { Page, Role } from './types.js';

export interface TokenInput {
  name: string;
  role: Role;
  rooms?: string[];
  expiresAt?: string;
}
export const listTokens = (query: Query = {}): Promise<Page<AccessToken>> => ask('GET', '/tokens', { query });
export const createToken = (json: TokenInput): Promise<NewToken> => ask('POST', '/tokens', { json });
export const revokeToken = (id: string): Promise<void> => ask('DELETE', at`/tokens/${id}`);

export interface WebhookInput {
  name: string;
  url: string;
  events: string[];
  /** Left out: the whole server. It stays what it was when it was made. */
  room?: string;
}
export type WebhookPatch = Partial<Omit<WebhookInput, 'room'>> & { isPaused?: boolean };

export const listWebhooks = (query: Query): Promise<Page<Webhook>> => ask('GET', '/webhooks', { query });
export const createWebhook = (json: WebhookInput): Promise<NewWebhook> => ask('POST', '/webhooks', { json });
export const readWebhook = (id: number): Promise<Versioned<Webhook>> => askVersioned(at`/webhooks/${id}`);
export const changeWebhook = (id: number, json: WebhookPatch, ifMatch?: string): Promise<Webhook> =>
  ask('PATCH', at`/webhooks/${id}`, { json, ifMatch });
export const deleteWebhook = (id: number, ifMatch?: string): Promise<void> =>
  ask('DELETE', at`/webhooks/${id}`, { ifMatch });
export const rotateSecret = (id: number): Promise<{ secret: string }> =>
  ask('POST', at`/webhooks/${id}/rotate-secret`);
export const testWebhook = (id: number): Promise<Attempt> => ask('POST', at`/webhooks/${id}/test`);
export const listDeliveries = (id: number, query: Query): Promise<Page<Delivery>> =>
  ask('GET', at`/webhooks/${id}/deliveries`, { query });
export const retryDelivery = (id: number, delivery: number): Promise<void> =>
  ask('POST', at`/webhooks/${id}/deliveries/${delivery}/retry`);
