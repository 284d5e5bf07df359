import { setTimeout as delay } from 'node:timers/promises';
import type { After, MessagesService, Page } from '../../libs/community/messages.service.js';
import type { RoomAccess } from '../../libs/community/room-access.js';
import type { RoomsService } from '../../libs/community/rooms.service.js';
import type { MessageObject, ReactionUpdateObject } from '../../libs/protocol/schemas/message.schema.js';

/** PostgreSQL may be held up between a commit and its answer. */
const PATIENCE_MS = 20_000;
const RETRY_MS = 5;

/**
 * Reads messages as requests do, from memory where that can tell, and holds every answer against the database's: byte
 * for byte the same, unless somebody is writing at that moment.
 */
export class CheckedMessages {
  constructor(
    private readonly messages: MessagesService,
    private readonly rooms: RoomsService,
  ) {}

  before = (access: RoomAccess, page: Page, beforeId: number): Promise<MessageObject[]> =>
    this.messages.before(access, page, beforeId);

  one = (access: RoomAccess, page: Page, id: number): Promise<MessageObject> =>
    this.messages.one(access, page, id);

  recent(access: RoomAccess, page: Page): Promise<MessageObject[]> {
    return this.same(
      access,
      (now) => this.messages.recentJson(now, page),
      () => this.messages.recent(access, page),
    );
  }

  since(access: RoomAccess, page: Page, after: After): Promise<(MessageObject | ReactionUpdateObject)[]> {
    return this.same(
      access,
      (now) => this.messages.sinceJson(now, page, after),
      () => this.messages.since(access, page, after),
    );
  }

  private async same<Answer>(
    access: RoomAccess,
    fromMemory: (access: RoomAccess) => Promise<Buffer>,
    fromDatabase: () => Promise<Answer>,
  ): Promise<Answer> {
    for (const late = performance.now() + PATIENCE_MS; ;) {
      const before = JSON.stringify(await fromDatabase());
      const json = (await fromMemory(await this.now(access))).toString();
      const after = JSON.stringify(await fromDatabase());
      if (json === after || before !== after) return JSON.parse(json) as Answer;
      if (performance.now() > late) throw new Error(`memory: ${json}\ndatabase: ${after}`);
      // Somebody's write is committed, but he has not been told so yet.
      await delay(RETRY_MS);
    }
  }

  /** A request looks at the room when it comes; tests keep what they saw of it for longer. */
  private async now(access: RoomAccess): Promise<RoomAccess> {
    const current = await this.rooms.open(access.room.token, undefined);
    return current ? { ...access, room: current.room } : access;
  }
}
