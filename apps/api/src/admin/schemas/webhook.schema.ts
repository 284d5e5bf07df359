import { z } from 'zod';
import {
  ALL_EVENTS,
  WEBHOOK_EVENTS,
  type WebhookEvent,
} from '../../../../../libs/community/webhooks/webhook-events.js';
import { NAME_LENGTH_MAX } from '../../../../../libs/community/webhooks/webhook-limits.js';
import type { Attempt } from '../../../../../libs/community/webhooks/webhook-sender.js';
import { URL_LENGTH_MAX } from '../../../../../libs/community/webhooks/webhook-url.js';
import {
  DELIVERY_STATES,
  type DeliveryRecord,
  type Webhook,
} from '../../../../../libs/community/webhooks/webhooks.service.js';
import { pageQuery } from '../paging.js';
import { roomToken, text, time } from './parts.schema.js';
import { isoTime } from '../../../../../libs/protocol/clock.js';

const name = text.max(NAME_LENGTH_MAX);
const url = text.max(URL_LENGTH_MAX).describe('https://…, where events are posted');
const eventName = z.enum([ALL_EVENTS, ...(Object.keys(WEBHOOK_EVENTS) as WebhookEvent[])]);
const events = z.array(eventName).min(1).max(100).describe('Which events; * for all, also of later versions');

export const webhookResource = z.object({
  id: z.int(),
  name: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  room: z.string().optional().describe('Absent: the whole server'),
  isPaused: z.boolean(),
  pauseReason: z.string().optional().describe('Why it paused by itself'),
  failures: z.int().describe('Attempts that failed since the last that did not'),
  failingSince: time('When nothing was taken any more').optional(),
  createdAt: time('When it was made'),
});

const secret = z.string().describe('Signs deliveries; it is shown this once');
export const createdWebhook = webhookResource.extend({ secret });
export const rotatedSecret = z.object({ secret });

export const newWebhook = z.strictObject({
  name,
  url,
  events,
  room: roomToken.optional().describe('Absent: the whole server'),
});

export const webhookPatch = z.strictObject({
  name: name.optional(),
  url: url.optional(),
  events: events.optional(),
  isPaused: z.boolean().optional(),
});

export const attemptResource = z.object({
  isTaken: z.boolean(),
  status: z.int().optional().describe('HTTP status of the answer'),
  outcome: z.string().describe('The beginning of the answer, or why there was none'),
  durationMs: z.int(),
});

export const deliveryQuery = pageQuery.extend({ state: z.enum(DELIVERY_STATES).optional() });

export const deliveryResource = z.object({
  id: z.int(),
  event: z.string(),
  happenedAt: time('When it happened'),
  room: z.string().optional(),
  messageId: z.int().optional(),
  state: z.enum(DELIVERY_STATES),
  attempts: z.int(),
  attemptedAt: time('Of the last attempt').optional(),
  status: z.int().optional(),
  outcome: z.string().optional(),
  durationMs: z.int().optional(),
});

export function showWebhook(webhook: Webhook): z.infer<typeof webhookResource> {
  const { id, room, failures, failingSince, paused, pauseReason, createdAt } = webhook;
  return {
    id,
    name: webhook.name,
    url: webhook.url,
    events: webhook.events,
    ...(room !== null && { room }),
    isPaused: paused,
    ...(pauseReason !== null && { pauseReason }),
    failures,
    ...(failingSince !== null && { failingSince: isoTime(failingSince) }),
    createdAt: isoTime(createdAt),
  };
}

export const showAttempt = ({
  ok,
  status,
  outcome,
  durationMs,
}: Attempt): z.infer<typeof attemptResource> => ({
  isTaken: ok,
  ...(status !== undefined && { status }),
  outcome,
  durationMs,
});

export function showDelivery(delivery: DeliveryRecord): z.infer<typeof deliveryResource> {
  const { id, event, happenedAt, roomToken: room, messageId, state, attempts } = delivery;
  const { attemptedAt, status, outcome, durationMs } = delivery;
  return {
    id,
    event,
    happenedAt: isoTime(happenedAt),
    ...(room !== null && { room }),
    ...(messageId !== null && { messageId }),
    state,
    attempts,
    ...(attemptedAt !== null && { attemptedAt: isoTime(attemptedAt) }),
    ...(status !== null && { status }),
    ...(outcome !== null && { outcome }),
    ...(durationMs !== null && { durationMs }),
  };
}
