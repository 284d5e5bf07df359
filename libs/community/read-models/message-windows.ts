import { Injectable } from '@nestjs/common';
import { WeightedCache } from '../../protocol/weighted-cache.js';
import {
  MessageWindowsRepository,
  type WindowMessage,
  type WindowReaction,
} from '../../storage/message-windows.repository.js';
import { isPageFull } from '../../storage/message-page.js';
import type { Viewer } from '../../storage/messages.repository.js';
import type { RoomRecord } from '../../storage/rooms.repository.js';
import { groupBy } from '../group-by.js';
import type { Page } from '../messages.service.js';
import { MessagePiece } from './message-piece.js';
import { MessageWindow, type MessageSource } from './message-window.js';
import { RoomModels } from './room-models.js';
import { VersionCheck } from './version-check.js';

const WINDOWS_BYTES_MAX = 48 * 1024 * 1024;
/** Of a message that more react to it is not known who they are, and readers with an identity ask the database. */
const REACTING_USERS_MAX = 1_000;

interface Kept {
  window: MessageWindow;
  /** Of the room: messages changed without a number as often as this, and a window knows numbers alone. */
  rewrites: number;
}

/**
 * The newest messages and changes of active rooms as ready JSON. Answers are byte for byte those of the database;
 * undefined means that the database has to be asked.
 */
@Injectable()
export class MessageWindows {
  private readonly kept = new WeightedCache<number, Kept>(WINDOWS_BYTES_MAX);

  constructor(
    private readonly repository: MessageWindowsRepository,
    private readonly rooms: RoomModels,
    private readonly check: VersionCheck,
  ) {
    rooms.onLeft((roomId) => this.kept.delete(roomId));
  }

  /** What they take, about. */
  get bytes(): number {
    return this.kept.weight;
  }

  /** The newest messages, as they are once the room is as `room` says, or later. */
  recent(room: RoomRecord, viewer: Viewer, page: Page): Buffer | undefined | Promise<Buffer | undefined> {
    if (!this.check.isOn) return undefined;
    const kept = this.keptFor(room);
    if (kept.window.covers(room.messageSequence) && kept.window.hasRecent)
      return this.pageOf(room, kept, viewer, page);
    return this.loaded(room, kept, true).then(() => this.pageOf(room, kept, viewer, page));
  }

  /** Changes after a sequence number. */
  since(
    room: RoomRecord,
    viewer: Viewer,
    page: Page,
    after: { seqno: number; reactionChanges: boolean },
  ): Buffer | undefined | Promise<Buffer | undefined> {
    if (!this.check.isOn) return undefined;
    const kept = this.keptFor(room);
    if (kept.window.covers(room.messageSequence)) return kept.window.since(viewer, page, after);
    return this.loaded(room, kept, false).then(() => kept.window.since(viewer, page, after));
  }

  /** Pages are kept too. */
  private pageOf(room: RoomRecord, kept: Kept, viewer: Viewer, page: Page): Buffer | undefined {
    const json = kept.window.page(viewer, page);
    this.kept.reweigh(room.id, kept, kept.window.bytes);
    return json;
  }

  private async loaded(room: RoomRecord, kept: Kept, withRecent: boolean): Promise<void> {
    const { window } = kept;
    await window.cover(room.messageSequence);
    if (withRecent) await window.loadRecent();
    this.rooms.reached(room.id, window.coveredTo);
    this.kept.reweigh(room.id, kept, window.bytes);
  }

  private keptFor(room: RoomRecord): Kept {
    const known = this.kept.get(room.id);
    if (known && known.rewrites >= room.messageRewrites) return known;
    const window = new MessageWindow(this.sourceOf(room.id), room.messageSequence);
    const kept = { window, rewrites: room.messageRewrites };
    this.kept.set(room.id, kept, window.bytes);
    return kept;
  }

  private sourceOf(roomId: number): MessageSource {
    return {
      changes: async (after, limit) => {
        const messages = await this.repository.changes(roomId, after, limit);
        const shown = messages.filter(({ filtered }) => !filtered);
        return {
          pieces: await this.pieces(shown),
          isFull: messages.length === limit || isPageFull(messages),
          lastSeqno: messages.at(-1)?.seqno ?? 0,
        };
      },
      recent: async (limit) => {
        const messages = await this.repository.recent(roomId, limit);
        const isWhole = messages.length < limit && !isPageFull(messages);
        return { pieces: await this.pieces(messages), isWhole };
      },
    };
  }

  private async pieces(messages: readonly WindowMessage[]): Promise<MessagePiece[]> {
    const reactedTo = messages.filter(({ data, seqnoReactions }) => data !== null && seqnoReactions > 0);
    const reactions = await this.repository.reactions(
      reactedTo.map(({ id }) => id),
      REACTING_USERS_MAX,
    );
    const byMessage = groupBy(reactions, ({ messageId }: WindowReaction) => messageId);
    return messages.map((message) => new MessagePiece(message, byMessage.get(message.id) ?? []));
  }
}
