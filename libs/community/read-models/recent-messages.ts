import { MESSAGES_PAGE_MAX } from '../../protocol/limits.js';
import { isPageFull } from '../../storage/message-page.js';
import type { Viewer } from '../../storage/messages.repository.js';
import type { Page } from '../messages.service.js';
import { CROWDED, type MessagePiece } from './message-piece.js';

/** More than a page, since whispers in between are seen by some only. */
export const RECENT_KEPT = MESSAGES_PAGE_MAX + 64;
const RECENT_MAX = RECENT_KEPT + 64;
const PAGES_MAX = 4;
const USER_BYTES = 32;

/** A page as everybody sees it who sees no whisper in it and did not react to anything in it. */
interface SharedPage {
  json: Buffer;
  /** Undefined: too many to know. */
  reactingUsers: ReadonlySet<number> | undefined;
}

/** The newest messages of a room that are not deleted or filtered, newest first, in one state. Never changed. */
export class RecentMessages {
  private readonly pages = new Map<string, SharedPage>();
  private readonly shared: readonly MessagePiece[];
  private readonly whispers: readonly MessagePiece[];
  private readonly pieceBytes: number;
  private pageBytes = 0;

  /** `isWhole`: there are no older ones. */
  constructor(
    private readonly pieces: readonly MessagePiece[],
    private readonly isWhole: boolean,
  ) {
    this.pieceBytes = bytesOf(pieces);
    this.whispers = pieces.filter(({ isWhisper }) => isWhisper);
    this.shared = this.whispers.length === 0 ? pieces : pieces.filter(({ isWhisper }) => !isWhisper);
  }

  get bytes(): number {
    return this.pieceBytes + this.pageBytes;
  }

  /** After these changes; undefined when too few are left to fill pages with. */
  after(changes: readonly MessagePiece[]): RecentMessages | undefined {
    const changed = new Map(changes.map((piece) => [piece.id, piece]));
    const newest = this.pieces[0]?.id ?? 0;
    const added = changes.filter(({ id, isLive }) => isLive && id > newest).sort((a, b) => b.id - a.id);
    const kept = this.pieces.map((piece) => changed.get(piece.id) ?? piece).filter(({ isLive }) => isLive);
    const pieces = [...added, ...kept];
    if (pieces.length > RECENT_MAX) return new RecentMessages(pieces.slice(0, RECENT_KEPT), false);
    return this.isWhole || pieces.length >= MESSAGES_PAGE_MAX
      ? new RecentMessages(pieces, this.isWhole)
      : undefined;
  }

  /** Undefined when it cannot be told from what is here. */
  page(viewer: Viewer, { limit, reactors }: Page): Buffer | undefined {
    if (this.whispers.some((whisper) => whisper.isVisibleTo(viewer)))
      return this.printed(
        this.pieces.filter((piece) => piece.isVisibleTo(viewer)),
        limit,
        reactors,
        viewer.userId,
      );
    const page = this.sharedPage(limit, reactors);
    if (!page || viewer.userId === undefined) return page?.json;
    if (!page.reactingUsers) return undefined;
    return page.reactingUsers.has(viewer.userId)
      ? this.printed(this.shared, limit, reactors, viewer.userId)
      : page.json;
  }

  private sharedPage(limit: number, reactors: number): SharedPage | undefined {
    const key = `${limit}/${reactors}`;
    const known = this.pages.get(key);
    if (known) return known;
    const json = this.printed(this.shared, limit, reactors, undefined);
    if (!json) return undefined;
    const shown = this.shared.slice(0, limit);
    const isCrowded = shown.some((piece) => piece.isCrowded);
    const page = {
      json,
      reactingUsers: isCrowded ? undefined : new Set(shown.flatMap((piece) => [...piece.reactingUsers()])),
    };
    if (this.pages.size >= PAGES_MAX) {
      this.pages.clear();
      this.pageBytes = 0;
    }
    this.pages.set(key, page);
    this.pageBytes += json.length + (page.reactingUsers?.size ?? 0) * USER_BYTES;
    return page;
  }

  private printed(
    visible: readonly MessagePiece[],
    limit: number,
    reactors: number,
    userId: number | undefined,
  ): Buffer | undefined {
    if (visible.length < limit && !this.isWhole) return undefined;
    const shown = visible.slice(0, limit);
    // How full pages end is decided in one place (libs/storage/message-page.ts).
    return isPageFull(shown) ? undefined : joined(shown.map((piece) => piece.json(reactors, userId)));
  }
}

export function bytesOf(pieces: readonly MessagePiece[]): number {
  let total = 0;
  for (const { bytes } of pieces) total += bytes;
  return total;
}

/** A JSON list; undefined when one of its members cannot be told. */
export function joined(pieces: readonly (string | typeof CROWDED)[]): Buffer | undefined {
  return pieces.includes(CROWDED) ? undefined : Buffer.from(`[${pieces.join(',')}]`);
}
