import { at, type Query } from './address.js';
import { ask, askVersioned, type Versioned } from './request.js';
import type { AccessToken, Delivery, NewToken, Page, Role, Webhook } from './types.js';

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
  name?: string;
  url: string;
  events: string[];
  rooms?: string[];
  isActive?: boolean;
}
export const listWebhooks = (): Promise<Page<Webhook>> => ask('GET', '/webhooks');
export const createWebhook = (json: WebhookInput): Promise<Webhook> => ask('POST', '/webhooks', { json });
export const readWebhook = (id: string): Promise<Versioned<Webhook>> => askVersioned(at`/webhooks/${id}`);
export const changeWebhook = (id: string, json: Partial<WebhookInput>, ifMatch?: string): Promise<void> =>
  ask('PATCH', at`/webhooks/${id}`, { json, ifMatch });
export const deleteWebhook = (id: string, ifMatch?: string): Promise<void> =>
  ask('DELETE', at`/webhooks/${id}`, { ifMatch });
export const testWebhook = (id: string): Promise<void> => ask('POST', at`/webhooks/${id}/test`);
export const listDeliveries = (id: string): Promise<Page<Delivery>> =>
  ask('GET', at`/webhooks/${id}/deliveries`);
