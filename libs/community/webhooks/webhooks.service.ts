import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Clock } from '../../protocol/clock.js';
import { badRequest, notFound, WireError } from '../../protocol/errors.js';
import type { RoomToken } from '../../protocol/ids.js';
import { Database, type Transaction } from '../../storage/database.js';
import { RoomsRepository } from '../../storage/rooms.repository.js';
import {
  WebhookDeliveriesRepository,
  type DeliveryRecord,
  type DeliveryState,
} from '../../storage/webhook-deliveries.repository.js';
import { WebhookMessagesRepository } from '../../storage/webhook-messages.repository.js';
import { WebhooksRepository, type WebhookRecord } from '../../storage/webhooks.repository.js';
import type { Actor } from '../actor.js';
import { ModerationLogService } from '../moderation-log.service.js';
import { WebhookBodiesService } from './webhook-bodies.service.js';
import { ALL_EVENTS, isWebhookEvent, TEST_EVENT, wantsMessages, WEBHOOK_EVENTS } from './webhook-events.js';
import { NAME_LENGTH_MAX, OLD_SECRET_SECONDS, WEBHOOKS_MAX } from './webhook-limits.js';
import { WebhookMessenger } from './webhook-messenger.js';
import { WebhookSecrets } from './webhook-secrets.js';
import type { Attempt } from './webhook-sender.js';
import { webhookUrlProblem } from './webhook-url.js';

export {
  DELIVERY_STATES,
  type DeliveryRecord,
  type DeliveryState,
} from '../../storage/webhook-deliveries.repository.js';

/** A webhook as people see it: without what its secret is made from. */
export type Webhook = Omit<WebhookRecord, 'salt' | 'oldSalt' | 'oldSaltUntil' | 'nextAttemptAt'>;

export interface NewWebhook {
  name: string;
  url: string;
  /** Names of events, or `*`. */
  events: readonly string[];
  /** Left out: of the whole server. */
  room?: RoomToken | undefined;
}

/** Absent members stay. */
export interface WebhookEdit {
  name?: string | undefined;
  url?: string | undefined;
  events?: readonly string[] | undefined;
  paused?: boolean | undefined;
}

/** Throws when it is no longer what somebody has seen. */
type Check = (webhook: Webhook) => void;
const whatever: Check = () => undefined;

/** Webhooks: making, changing, trying and removing them, and what became of their deliveries. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly database: Database,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveryRepository: WebhookDeliveriesRepository,
    private readonly messages: WebhookMessagesRepository,
    private readonly rooms: RoomsRepository,
    private readonly moderationLog: ModerationLogService,
    private readonly secrets: WebhookSecrets,
    private readonly messenger: WebhookMessenger,
    private readonly bodies: WebhookBodiesService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** All of them, oldest first; there are never many. */
  async list(): Promise<Webhook[]> {
    return (await this.webhooks.list()).map(shown);
  }

  /** Throws 404. */
  async find(id: number): Promise<Webhook> {
    return shown(await this.existing(id));
  }

  /** The secret is never shown again. Throws 400 for what cannot be, 404 for an unknown room, 409 for one too many. */
  async create(actor: Actor, given: NewWebhook): Promise<{ webhook: Webhook; secret: string }> {
    const name = this.checkedName(given.name);
    const url = this.checkedUrl(given.url);
    const events = checkedEvents(given.events);
    const salt = this.secrets.freshSalt();
    const webhook = await this.database.transaction(async (tx) => {
      const room = given.room === undefined ? undefined : await this.rooms.lock(tx, given.room);
      if (given.room !== undefined && !room) throw notFound(`There is no room "${given.room}"`);
      const roomId = room?.id ?? null;
      const createdAt = this.clock.nowSeconds();
      const made = { roomId, name, url, events, salt, createdAt };
      const id = await this.webhooks.insert(tx, made, WEBHOOKS_MAX);
      if (id === undefined) throw new WireError(409, `There are ${WEBHOOKS_MAX} webhooks already`);
      await this.messages.skipToNow(tx, id, roomId);
      const stored = (await this.webhooks.find(id, tx))!;
      await this.log(tx, actor, 'webhook.create', stored);
      return stored;
    });
    return { webhook: shown(webhook), secret: this.secrets.secretOf(salt) };
  }

  /** Whoever lets a paused one go on again, is told what happens from now on. `check` sees it as it was, locked. Throws 400, 404. */
  async edit(actor: Actor, id: number, edit: WebhookEdit, check: Check = whatever): Promise<Webhook> {
    const wanted = {
      ...(edit.name !== undefined && { name: this.checkedName(edit.name) }),
      ...(edit.url !== undefined && { url: this.checkedUrl(edit.url) }),
      ...(edit.events !== undefined && { events: checkedEvents(edit.events) }),
      ...(edit.paused !== undefined && { paused: edit.paused, pauseReason: null }),
    };
    return this.database.transaction(async (tx) => {
      const before = await this.locked(tx, id, check);
      const after = { ...before, ...wanted };
      await this.webhooks.update(tx, id, after);
      if (after.paused) await this.deliveryRepository.dropWaiting(tx, id);
      const goesOn = before.paused && !after.paused;
      if (goesOn || (wantsMessages(after.events) && !wantsMessages(before.events)))
        await this.messages.skipToNow(tx, id, before.roomId);
      await this.log(tx, actor, 'webhook.update', before, { changed: Object.keys(edit) });
      return shown((await this.webhooks.find(id, tx))!);
    });
  }

  /** Returns the new secret; the old one goes on to sign too for a day. Throws 404. */
  async rotateSecret(actor: Actor, id: number, check: Check = whatever): Promise<string> {
    const salt = this.secrets.freshSalt();
    await this.database.transaction(async (tx) => {
      const before = await this.locked(tx, id, check);
      const oldSaltUntil = this.clock.nowSeconds() + OLD_SECRET_SECONDS;
      await this.webhooks.update(tx, id, { ...before, salt, oldSalt: before.salt, oldSaltUntil });
      await this.log(tx, actor, 'webhook.rotate', before);
    });
    return this.secrets.secretOf(salt);
  }

  /** Throws 404. */
  async delete(actor: Actor, id: number, check: Check = whatever): Promise<void> {
    await this.database.transaction(async (tx) => {
      const before = await this.locked(tx, id, check);
      await this.webhooks.delete(tx, id);
      await this.log(tx, actor, 'webhook.delete', before);
    });
  }

  /** Sends a `ping` now, whatever waits, also when it is paused. Throws 404. */
  async test(id: number): Promise<Attempt> {
    const webhook = await this.existing(id);
    const attemptedAt = this.clock.nowSeconds();
    const body = this.bodies.testBody(webhook, attemptedAt);
    const attempt = await this.messenger.send(webhook, { deliveryId: undefined, event: TEST_EVENT, body });
    await this.deliveryRepository.addEnded(id, TEST_EVENT, {
      state: attempt.ok ? 'delivered' : 'dead',
      attemptedAt,
      status: attempt.status ?? null,
      outcome: attempt.outcome,
      durationMs: attempt.durationMs,
    });
    return attempt;
  }

  /** Newest first. Throws 404. */
  async deliveries(
    id: number,
    query: { state?: DeliveryState | undefined; beforeId?: number | undefined; limit: number },
  ): Promise<DeliveryRecord[]> {
    await this.existing(id);
    return this.deliveryRepository.list(id, query);
  }

  /** Lets a dead delivery be tried again. Throws 404 when there is no such; that of a test is not tried again. */
  async retry(id: number, deliveryId: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.locked(tx, id);
      if (!(await this.deliveryRepository.revive(tx, id, deliveryId)))
        throw notFound(`There is no dead delivery ${deliveryId}`);
      await this.webhooks.hurry(tx, id);
    });
  }

  private async existing(id: number): Promise<WebhookRecord> {
    const webhook = await this.webhooks.find(id);
    if (!webhook) throw noSuchWebhook(id);
    return webhook;
  }

  private async locked(tx: Transaction, id: number, check: Check = whatever): Promise<WebhookRecord> {
    const webhook = await this.webhooks.lock(tx, id);
    if (!webhook) throw noSuchWebhook(id);
    check(shown(webhook));
    return webhook;
  }

  private checkedName(name: string): string {
    const trimmed = name.trim();
    if (trimmed === '' || trimmed.length > NAME_LENGTH_MAX || /\p{Cc}/u.test(trimmed))
      throw badRequest(`A name has 1 to ${NAME_LENGTH_MAX} characters`);
    return trimmed;
  }

  private checkedUrl(url: string): string {
    const problem = webhookUrlProblem(url, { privateAddresses: this.config.webhookPrivateAddresses });
    if (problem !== undefined) throw badRequest(`The address cannot be used: ${problem}`);
    return new URL(url).href;
  }

  private log(
    tx: Transaction,
    actor: Actor,
    action: string,
    { id, name, roomId, room }: WebhookRecord,
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    const where = roomId !== null && room !== null ? { id: roomId, token: room } : undefined;
    return this.moderationLog.record(tx, actor, {
      action,
      room: where,
      detail: { webhook: id, name, ...detail },
    });
  }
}

const EVENT_NAMES = [...Object.keys(WEBHOOK_EVENTS), ALL_EVENTS].join(', ');

function checkedEvents(events: readonly string[]): string[] {
  const unknown = events.find((event) => event !== ALL_EVENTS && !isWebhookEvent(event));
  if (unknown !== undefined) throw badRequest(`There is no event "${unknown}", but ${EVENT_NAMES}`);
  if (events.length === 0) throw badRequest('At least one event is needed, or *');
  return events.includes(ALL_EVENTS) ? [ALL_EVENTS] : [...new Set(events)].sort();
}

const noSuchWebhook = (id: number): WireError => notFound(`There is no webhook ${id}`);

function shown(record: WebhookRecord): Webhook {
  const { id, roomId, room, name, url, events, paused, pauseReason } = record;
  const { failures, failingSince, version, createdAt } = record;
  const fields = { id, roomId, room, name, url, events, paused, pauseReason };
  return { ...fields, failures, failingSince, version, createdAt };
}
