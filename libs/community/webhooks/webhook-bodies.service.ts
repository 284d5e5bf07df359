import { Injectable } from '@nestjs/common';
import { readContent } from '../../protocol/content.js';
import { MessagesRepository, type MessageRecord } from '../../storage/messages.repository.js';
import { ModerationLogRepository, type LogRecord } from '../../storage/moderation-log.repository.js';
import { RoomsRepository } from '../../storage/rooms.repository.js';
import type { DeliveryRecord } from '../../storage/webhook-deliveries.repository.js';
import { messageObject } from '../message-object.js';
import { ServerIdentity } from '../server-identity.js';
import { TEST_EVENT } from './webhook-events.js';
import { isoTime } from '../../protocol/clock.js';

/** What a delivery says (docs/webhooks.md), as JSON. Read when it is sent, so that nobody is told what is gone by then. */
@Injectable()
export class WebhookBodiesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly rooms: RoomsRepository,
    private readonly log: ModerationLogRepository,
    private readonly server: ServerIdentity,
  ) {}

  /** Undefined when what it is about is gone, or no longer for everybody. */
  async bodyOf(delivery: DeliveryRecord): Promise<string | undefined> {
    const about = delivery.logId === null ? await this.messagePart(delivery) : await this.entryPart(delivery);
    if (!about) return undefined;
    const { id, event, happenedAt } = delivery;
    const room = await this.roomPart(delivery);
    return JSON.stringify({ id, event, at: isoTime(happenedAt), ...this.origin(), ...room, ...about });
  }

  /** Of the test button. */
  testBody(webhook: { id: number; name: string }, now: number): string {
    const { id, name } = webhook;
    return JSON.stringify({ event: TEST_EVENT, at: isoTime(now), ...this.origin(), webhook: { id, name } });
  }

  private origin(): { server: string } {
    return { server: this.server.keys.publicKeyHex };
  }

  private async roomPart({ roomId, roomToken }: DeliveryRecord): Promise<object> {
    if (roomToken === null) return {};
    const [room] = roomId === null ? [] : await this.rooms.byIds([roomId]);
    return { room: room ? { token: room.token, name: room.name } : { token: roomToken } };
  }

  private async messagePart({
    event,
    roomId,
    messageId,
    seqno,
  }: DeliveryRecord): Promise<object | undefined> {
    if (roomId === null || messageId === null) return undefined;
    if (event === 'message.deleted') return { message: { id: messageId, seqno } };
    // As somebody anonymous would see it: no whisper, nothing hidden.
    const reader = { userId: undefined, moderator: false };
    const message = await this.messages.one(roomId, reader, messageId);
    return message && { message: shown(message, seqno) };
  }

  private async entryPart({ event, logId }: DeliveryRecord): Promise<object | undefined> {
    const entry = logId === null ? undefined : await this.log.find(logId);
    return entry && entryPart(entry, event);
  }
}

/** `seqno`: of the change that is told; reactions may have come later. */
function shown(message: MessageRecord, seqno: number | null): object {
  const { id, session_id, posted, edited, data, signature } = messageObject(message, {});
  const text = message.data && readContent(message.data)?.body;
  return {
    id,
    seqno,
    sessionId: session_id,
    postedAt: isoTime(posted),
    ...(edited !== undefined && { editedAt: isoTime(edited) }),
    ...(text !== undefined && { text }),
    data,
    signature,
  };
}

/** What automod hides has an id that nobody should hear of. */
function entryPart({ action, via, actor, target, messageId, detail }: LogRecord, event: string): object {
  return {
    action,
    via,
    ...(actor !== null && { actor }),
    ...(target !== null && { target }),
    ...(messageId !== null && event !== 'automod.acted' && { messageId }),
    detail,
  };
}
