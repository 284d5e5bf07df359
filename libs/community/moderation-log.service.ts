import { Injectable } from '@nestjs/common';
import { Tally } from '../metrics/tally.js';
import { Clock } from '../protocol/clock.js';
import type { SessionId } from '../protocol/ids.js';
import { Database, type Transaction } from '../storage/database.js';
import {
  ModerationLogRepository,
  type LogEntry,
  type LogQuery,
  type LogRecord,
} from '../storage/moderation-log.repository.js';
import { WebhookDeliveriesRepository } from '../storage/webhook-deliveries.repository.js';
import type { Actor } from './actor.js';
import { PeopleService } from './people.service.js';
import { eventOfEntry } from './webhooks/webhook-events.js';
import { WAITING_MAX } from './webhooks/webhook-limits.js';

/** Here and not after commit: of what is undone by an error, or tried again after a conflict, it counts a few too many. */
const ACTIONS = new Tally('plaza_moderation_actions_total', 'Entries of the moderation log, by action', [
  'action',
]);

export type { LogRecord } from '../storage/moderation-log.repository.js';

/** What was done, to whom and where; the actor tells who, how and why. */
export type LoggedAction = Pick<LogEntry, 'action' | 'targetId' | 'room' | 'messageId' | 'detail'>;

/** The moderation log: who did what to whom, where, why and when. Append-only; entries leave by age alone. */
@Injectable()
export class ModerationLogService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleService,
    private readonly entries: ModerationLogRepository,
    private readonly webhooks: WebhookDeliveriesRepository,
    private readonly clock: Clock,
  ) {}

  /** Part of the transaction of what it records: neither is there without the other. */
  async record(
    tx: Transaction,
    { userId, via, token, reason }: Actor,
    { detail, ...what }: LoggedAction,
  ): Promise<void> {
    const at = this.clock.nowSeconds();
    ACTIONS.add(what.action);
    const entry: LogEntry = {
      at,
      actorId: userId,
      via,
      ...what,
      detail: { ...detail, ...(token !== undefined && { token }), ...(reason !== undefined && { reason }) },
    };
    const logId = await this.entries.append(tx, entry);
    const event = eventOfEntry(entry);
    if (event) await this.webhooks.addLogged(tx, { event, logId, at, room: entry.room }, WAITING_MAX);
  }

  /** Newest first. A 05 id means whoever that is here (protocol.md §1.1). */
  async list(query: LogQuery): Promise<LogRecord[]> {
    const [actor, target] = await Promise.all([this.known(query.actor), this.known(query.target)]);
    return this.entries.list({ ...query, actor, target });
  }

  private async known(sessionId: SessionId | undefined): Promise<SessionId | undefined> {
    if (!sessionId) return undefined;
    const user = await this.database.transaction((tx) => this.people.lookUp(tx, sessionId));
    return user?.sessionId ?? sessionId;
  }
}
