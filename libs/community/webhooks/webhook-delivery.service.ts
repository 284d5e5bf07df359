import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock, isoTime } from '../../protocol/clock.js';
import { Database } from '../../storage/database.js';
import {
  WebhookDeliveriesRepository,
  type DeliveryRecord,
} from '../../storage/webhook-deliveries.repository.js';
import {
  WebhookMessagesRepository,
  type MessageChange,
  type MessageEvent,
  type RoomBehind,
} from '../../storage/webhook-messages.repository.js';
import { WebhooksRepository, type WebhookRecord } from '../../storage/webhooks.repository.js';
import { ModerationLogService } from '../moderation-log.service.js';
import { ServerIdentity } from '../server-identity.js';
import { WebhookBodiesService } from './webhook-bodies.service.js';
import { wants, wantsMessages } from './webhook-events.js';
import {
  ATTEMPTS_MAX,
  ENDED_KEPT,
  ENDED_KEPT_SECONDS,
  FAILING_SECONDS_MAX,
  FIRST_PAUSE_SECONDS,
  LONGEST_PAUSE_SECONDS,
  WAITING_MAX,
} from './webhook-limits.js';
import { WebhookMessenger } from './webhook-messenger.js';
import type { Attempt } from './webhook-sender.js';

const LOOK_EVERY_MS = 500;
const ROOMS_AT_ONCE = 200;
const CHANGES_AT_ONCE = 200;
const FORGOTTEN_AT_ONCE = 1_000;

/** How long one run looks for more, and how long it tells one webhook. */
const RUN_MS = 4_500;

/**
 * Tells webhooks what happened: one after the other to each, all of them at the same time. What happens to messages is
 * found by their sequence numbers; everything else waits since the transaction in which it happened. Whatever is
 * stopped is done again, so that an event may come twice, but not be missed.
 */
@Injectable()
export class WebhookDeliveryService {
  private readonly failures = new Logger('webhooks');

  constructor(
    private readonly database: Database,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly bodies: WebhookBodiesService,
    private readonly messenger: WebhookMessenger,
    private readonly moderationLog: ModerationLogService,
    private readonly server: ServerIdentity,
    private readonly clock: Clock,
  ) {}

  /**
   * Tells all webhooks that are not paused what there is to tell. While there are any it goes on looking for a few
   * seconds, so that nobody has to wait for the next run; with `lookingMs` 0 it looks once.
   */
  async run(signal: AbortSignal, lookingMs = RUN_MS): Promise<void> {
    const end = performance.now() + lookingMs;
    const busy = new Map<number, Promise<void>>();
    const errors: unknown[] = [];
    const mayGoOn = (): boolean => errors.length === 0 && !signal.aborted && performance.now() < end;
    do {
      for (const webhook of await this.active(errors)) {
        if (busy.has(webhook.id)) continue;
        const work = this.serve(webhook, signal)
          .catch((error: unknown) => void errors.push(error))
          .finally(() => void busy.delete(webhook.id));
        busy.set(webhook.id, work);
      }
      if (busy.size === 0) break;
      if (mayGoOn()) await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    } while (mayGoOn());
    await Promise.all(busy.values());
    if (errors.length > 0) throw errors[0];
  }

  /** Forgets deliveries that came to an end long ago, or too many of them; returns how many. For housekeeping. */
  forget(): Promise<number> {
    const before = this.clock.nowSeconds() - ENDED_KEPT_SECONDS;
    return this.deliveries.dropEnded(before, ENDED_KEPT, FORGOTTEN_AT_ONCE);
  }

  private async active(errors: unknown[]): Promise<WebhookRecord[]> {
    try {
      return (await this.webhooks.list()).filter(({ paused }) => !paused);
    } catch (error) {
      errors.push(error);
      return [];
    }
  }

  /** What one webhook can be told now; what is left after a few seconds is for the next look. */
  private async serve(webhook: WebhookRecord, signal: AbortSignal): Promise<void> {
    await this.collect(webhook);
    if (webhook.nextAttemptAt > this.clock.nowSeconds()) return;
    for (const end = performance.now() + RUN_MS; !signal.aborted && performance.now() < end;) {
      const delivery = await this.deliveries.next(webhook.id);
      if (!delivery || !(await this.deliver(webhook, delivery, signal))) return;
    }
  }

  /** Puts changes of messages that this webhook was not told of among what waits. */
  private async collect(webhook: WebhookRecord): Promise<void> {
    if (!wantsMessages(webhook.events)) return;
    if ((await this.deliveries.countWaiting(webhook.id)) >= WAITING_MAX) return;
    for (const room of await this.messages.roomsBehind(webhook.id, webhook.roomId, ROOMS_AT_ONCE))
      await this.collectRoom(webhook, room);
  }

  private async collectRoom({ id, events }: WebhookRecord, room: RoomBehind): Promise<void> {
    const changes = await this.messages.changes(room.roomId, room.seqno, CHANGES_AT_ONCE);
    const last = changes.at(-1)?.seqnoData ?? 0;
    // After a page that is not full there is nothing but reactions up to where the room was before.
    const reached = changes.length < CHANGES_AT_ONCE ? Math.max(last, room.messageSequence) : last;
    const told = changes.flatMap((change) => eventOf(change, room.seqno, events) ?? []);
    await this.database.transaction(async (tx) => {
      await this.messages.advance(tx, id, room.roomId, reached);
      if (told.length > 0) await this.messages.add(tx, id, room, told);
    });
  }

  /** Whether the next one may follow. */
  private async deliver(
    webhook: WebhookRecord,
    delivery: DeliveryRecord,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { id, event } = delivery;
    const body = await this.bodies.bodyOf(delivery);
    if (body === undefined) {
      await this.deliveries.remove(id);
      return true;
    }
    const attempt = await this.attempt(webhook, { deliveryId: id, event, body }, signal);
    if (!attempt) return false;
    const isLast = delivery.attempts + 1 >= ATTEMPTS_MAX;
    const attemptedAt = this.clock.nowSeconds();
    await this.deliveries.noteAttempt(id, {
      state: attempt.ok ? 'delivered' : isLast ? 'dead' : 'waiting',
      attemptedAt,
      status: attempt.status ?? null,
      outcome: attempt.outcome,
      durationMs: attempt.durationMs,
    });
    if (attempt.ok) await this.webhooks.noteSuccess(webhook.id);
    else await this.failed(webhook, attemptedAt);
    return attempt.ok;
  }

  /** Undefined when the process is to end: then it does not count. */
  private async attempt(
    webhook: WebhookRecord,
    message: Parameters<WebhookMessenger['send']>[1],
    signal: AbortSignal,
  ): Promise<Attempt | undefined> {
    try {
      return await this.messenger.send(webhook, message, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  private async failed({ id, roomId, room }: WebhookRecord, now: number): Promise<void> {
    const before = await this.webhooks.find(id);
    if (!before) return;
    const pause = Math.min(FIRST_PAUSE_SECONDS * 2 ** before.failures, LONGEST_PAUSE_SECONDS);
    await this.webhooks.noteFailure(id, { now, nextAttemptAt: now + pause });
    if (before.failingSince === null || now - before.failingSince < FAILING_SECONDS_MAX) return;
    const reason = `nothing was taken since ${isoTime(before.failingSince)}`;
    await this.database.transaction(async (tx) => {
      await this.webhooks.pause(tx, id, reason);
      await this.deliveries.dropWaiting(tx, id);
      await this.moderationLog.record(
        tx,
        { userId: this.server.userId, via: 'worker', reason },
        {
          action: 'webhook.pause',
          room: roomId !== null && room !== null ? { id: roomId, token: room } : undefined,
          detail: { webhook: id, name: before.name },
        },
      );
    });
    this.failures.warn(`webhook ${id} is paused: ${reason}`);
  }
}

/** Undefined for what nobody is told. `toldUpTo`: how far the webhook knew the room. */
function eventOf(
  change: MessageChange,
  toldUpTo: number,
  wanted: readonly string[],
): MessageEvent | undefined {
  const isNew = change.seqnoCreation > toldUpTo;
  if (!change.visible || (change.deleted && isNew)) return undefined;
  const isEdited = !isNew && !change.deleted;
  const event = change.deleted ? 'message.deleted' : isEdited ? 'message.edited' : 'message.posted';
  if (!wants(wanted, event)) return undefined;
  return { event, messageId: change.id, seqno: change.seqnoData, happenedAt: change.changedAt };
}
