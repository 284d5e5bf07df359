import { isPageFull } from '../../storage/message-page.js';
import type { Viewer } from '../../storage/messages.repository.js';
import type { Page } from '../messages.service.js';
import type { MessagePiece } from './message-piece.js';
import { bytesOf, joined, RECENT_KEPT, RecentMessages } from './recent-messages.js';

/** How many changes back a client is answered from memory. */
const CHANGES_MAX = 512;
const WINDOW_BYTES = 1_000;

/** Where the messages of a room come from. */
export interface MessageSource {
  /** Changes after `seqno` in their order; `seqno` of the last, which may be one that nobody is shown. */
  changes(
    after: number,
    limit: number,
  ): Promise<{ pieces: MessagePiece[]; isFull: boolean; lastSeqno: number }>;
  /** The newest that are not deleted or filtered, newest first. */
  recent(limit: number): Promise<{ pieces: MessagePiece[]; isWhole: boolean }>;
}

/**
 * The end of a room's history in memory: all its changes above some number, and its newest messages.
 *
 * Sequence numbers become visible in their order (ARCHITECTURE.md, "Sequence numbers"). So what a statement sees is
 * everything up to some number, and the number alone says how much is known here: {@link coveredTo}. More is loaded
 * when a reader knows of a greater one. A new window is empty and loads nothing: whoever is up to date when it is made
 * is served from it.
 */
export class MessageWindow {
  /** All changes above this number, up to {@link coveredTo}, are here. */
  private floor: number;
  private covered: number;
  /** Ascending; each message once, at its greatest number. */
  private changes: readonly MessagePiece[] = [];
  private recent: RecentMessages | undefined;
  private changeBytes = 0;
  private working: Promise<void> | undefined;

  /** `sequence`: a number that the room has reached. */
  constructor(
    private readonly source: MessageSource,
    sequence: number,
  ) {
    this.floor = sequence;
    this.covered = sequence;
  }

  get coveredTo(): number {
    return this.covered;
  }

  get bytes(): number {
    return WINDOW_BYTES + this.changeBytes + (this.recent?.bytes ?? 0);
  }

  /** Whether {@link since} and {@link page} can be asked for the state at `sequence`. */
  covers(sequence: number): boolean {
    return this.covered >= sequence;
  }

  get hasRecent(): boolean {
    return this.recent !== undefined;
  }

  /** Loads what is missing up to `sequence`, which the room has reached. */
  async cover(sequence: number): Promise<void> {
    while (this.covered < sequence) await this.alone(() => this.loadChanges(sequence));
  }

  async loadRecent(): Promise<void> {
    while (!this.recent)
      await this.alone(async () => {
        const { pieces, isWhole } = await this.source.recent(RECENT_KEPT);
        this.recent = new RecentMessages(pieces, isWhole);
      });
  }

  /** The newest messages; undefined when it cannot be told from here. */
  page(viewer: Viewer, page: Page): Buffer | undefined {
    return this.recent?.page(viewer, page);
  }

  /**
   * Changes after `seqno` (protocol.md §4.1); undefined when that is too long ago to be told from here, and when the
   * page would be full: how full pages end is decided in one place (libs/storage/since-page.ts).
   */
  since(
    viewer: Viewer,
    { limit, reactors }: Page,
    { seqno, reactionChanges }: { seqno: number; reactionChanges: boolean },
  ): Buffer | undefined {
    if (seqno < this.floor) return undefined;
    const shown = this.changes
      .slice(this.firstAbove(seqno))
      .filter(
        (piece) =>
          (reactionChanges || piece.seqnoData > seqno) &&
          (piece.isLive || piece.seqnoCreation <= seqno) &&
          piece.isVisibleTo(viewer),
      );
    if (shown.length >= limit || isPageFull(shown)) return undefined;
    return joined(
      shown.map((piece) =>
        piece.isLive && piece.seqnoData <= seqno
          ? piece.updateJson(reactors, viewer.userId)
          : piece.json(reactors, viewer.userId),
      ),
    );
  }

  /** From the end: nearly everybody who asks is nearly up to date. */
  private firstAbove(seqno: number): number {
    let at = this.changes.length;
    while (at > 0 && this.changes[at - 1]!.seqno > seqno) at--;
    return at;
  }

  /** One load at a time, each on a later snapshot than the one before. */
  private alone(work: () => Promise<void>): Promise<void> {
    this.working ??= work().finally(() => (this.working = undefined));
    return this.working;
  }

  private async loadChanges(sequence: number): Promise<void> {
    const { pieces, isFull, lastSeqno } = await this.source.changes(this.covered, CHANGES_MAX);
    this.covered = Math.max(sequence, lastSeqno);
    if (isFull) return this.startOver();
    const changed = new Set(pieces.map(({ id }) => id));
    this.changes = [...this.changes.filter(({ id }) => !changed.has(id)), ...pieces];
    const beyond = this.changes.length - CHANGES_MAX;
    if (beyond > 0) {
      this.floor = this.changes[beyond - 1]!.seqno;
      this.changes = this.changes.slice(beyond);
    }
    this.changeBytes = bytesOf(this.changes);
    this.recent = this.recent?.after(pieces);
  }

  /** So much has happened that it is not worth catching up. */
  private startOver(): void {
    this.floor = this.covered;
    this.changes = [];
    this.changeBytes = 0;
    this.recent = undefined;
  }
}
