import type { MessageObject, ReactionUpdateObject } from '../../libs/protocol/schemas/message.schema.js';

export type Change = MessageObject | ReactionUpdateObject;

/**
 * A client that polls a room by `since` with `t=r` and keeps what it was told: whole messages, tombstones, and
 * reaction-only updates (protocol.md §4). It trusts the sequence numbers blindly, as real clients do.
 */
export class ModelReader {
  private readonly known = new Map<number, MessageObject>();
  private since: number;

  /** `recent`: what it fetched when it joined; empty for one that reads the room from the beginning. */
  constructor(recent: readonly MessageObject[] = []) {
    for (const message of recent) this.known.set(message.id, message);
    this.since = Math.max(0, ...recent.map(({ seqno }) => seqno));
  }

  /** Folds pages until there is nothing new, or only one of them. */
  async poll(
    readPage: (since: number) => Promise<readonly Change[]>,
    { untilQuiet }: { untilQuiet: boolean },
  ): Promise<void> {
    for (;;) {
      const page = await readPage(this.since);
      for (const change of page) this.fold(change);
      if (page.length === 0 || !untilQuiet) return;
    }
  }

  /** What it shows, newest first. */
  shown(): MessageObject[] {
    return [...this.known.values()].sort((a, b) => b.id - a.id);
  }

  private fold(change: Change): void {
    if (change.seqno <= this.since) throw new Error(`seqno ${change.seqno} came after ${this.since}`);
    this.since = change.seqno;
    if (!('session_id' in change)) return this.foldReactions(change);
    if (change.deleted) this.known.delete(change.id);
    else this.known.set(change.id, change);
  }

  private foldReactions({ id, seqno, reactions }: ReactionUpdateObject): void {
    const message = this.known.get(id);
    if (!message) throw new Error(`reactions of message ${id}, which was never sent`);
    this.known.set(id, { ...message, seqno, reactions });
  }
}
