import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import type { WebhookRecord } from '../../storage/webhooks.repository.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhookSender, type Attempt } from './webhook-sender.js';

/** One event for one webhook. */
export interface WebhookMessage {
  /** The same in every attempt; undefined for a test, of which there is only one. */
  deliveryId: number | undefined;
  event: string;
  body: string;
}

/** Signs and sends (docs/webhooks.md). */
@Injectable()
export class WebhookMessenger {
  constructor(
    private readonly secrets: WebhookSecrets,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
  ) {}

  /** One attempt. Never throws but for `signal`. */
  send(
    webhook: Pick<WebhookRecord, 'url' | 'salt' | 'oldSalt' | 'oldSaltUntil'>,
    { deliveryId, event, body }: WebhookMessage,
    signal?: AbortSignal,
  ): Promise<Attempt> {
    const now = this.clock.nowSeconds();
    const { url, salt, oldSalt, oldSaltUntil } = webhook;
    const salts = oldSalt && oldSaltUntil !== null && oldSaltUntil > now ? [salt, oldSalt] : [salt];
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Plaza-Webhooks',
      'plaza-event': event,
      ...(deliveryId !== undefined && { 'plaza-delivery': String(deliveryId) }),
      'plaza-signature': this.secrets.signatureOf(salts, Math.floor(now), body),
    };
    return this.sender.send(url, { headers, body }, signal);
  }
}
