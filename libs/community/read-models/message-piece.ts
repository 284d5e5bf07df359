import type { Viewer } from '../../storage/messages.repository.js';
import type { WindowMessage, WindowReaction } from '../../storage/message-windows.repository.js';
import { messageObject, reactionsObject, reactionUpdateObject, type Reactions } from '../message-object.js';

const NO_REACTIONS: Reactions = {};
/** How the JSON of a live message ends, and of an update. */
const END_WITHOUT_REACTIONS = '{}}';
/** What an object and its texts take beside their characters, about. */
const OVERHEAD_BYTES = 300;
const USER_BYTES = 16;

/** Why a piece cannot be used for somebody: it is not known whether they are among those who reacted. */
export const CROWDED = Symbol('too many reacted');

/**
 * One message as ready JSON (protocol.md §4). What all readers see alike is printed once; reactions, which depend on
 * `?reactors=` and on who reads, are put in.
 */
export class MessagePiece {
  readonly id: number;
  readonly seqno: number;
  readonly seqnoData: number;
  readonly seqnoCreation: number;
  readonly isLive: boolean;
  readonly isWhisper: boolean;
  /** What it takes, about. */
  readonly bytes: number;
  /** Of its data, as pages are bounded by it. */
  readonly dataSize: number | null;
  private readonly authorId: number;
  private readonly whisperToId: number | null;
  private readonly whisperMods: boolean;
  private readonly whole: string;
  /** By number of names; without anybody's `you`. */
  private readonly reactionJson: string[] = [];

  constructor(
    message: WindowMessage,
    private readonly reactions: readonly WindowReaction[],
  ) {
    this.id = message.id;
    this.seqno = message.seqno;
    this.seqnoData = message.seqnoData;
    this.seqnoCreation = message.seqnoCreation;
    this.isLive = message.data !== null;
    this.isWhisper = message.whisper;
    this.dataSize = message.dataSize;
    this.authorId = message.authorId;
    this.whisperToId = message.whisperToId;
    this.whisperMods = message.whisperMods;
    this.whole = JSON.stringify(messageObject(message, NO_REACTIONS));
    const users = reactions.reduce((sum, { userIds }) => sum + (userIds?.length ?? 0), 0);
    this.bytes = OVERHEAD_BYTES * (1 + 2 * reactions.length) + this.whole.length + users * USER_BYTES;
  }

  /** Whispers are for some only (protocol.md §4). */
  isVisibleTo({ userId, moderator }: Viewer): boolean {
    if (!this.isWhisper) return true;
    if (userId !== undefined && this.whisperToId === userId) return true;
    return moderator && (this.whisperMods || this.authorId === userId);
  }

  /** Whether too many reacted to know who they all are. */
  get isCrowded(): boolean {
    return this.reactions.some(({ userIds }) => userIds === undefined);
  }

  /** Everybody who reacted, some maybe several times. */
  *reactingUsers(): Generator<number> {
    for (const { userIds } of this.reactions) yield* userIds ?? [];
  }

  /** The whole message, with up to `reactors` names for each reaction, as this user sees it. */
  json(reactors: number, userId: number | undefined): string | typeof CROWDED {
    if (this.reactions.length === 0) return this.whole;
    const reactions = this.reactionsFor(reactors, userId);
    if (reactions === CROWDED) return CROWDED;
    return `${this.whole.slice(0, -END_WITHOUT_REACTIONS.length)}${reactions}}`;
  }

  /** What is sent when nothing but reactions changed. */
  updateJson(reactors: number, userId: number | undefined): string | typeof CROWDED {
    const reactions = this.reactionsFor(reactors, userId);
    if (reactions === CROWDED) return CROWDED;
    const update = JSON.stringify(reactionUpdateObject(this, NO_REACTIONS));
    return `${update.slice(0, -END_WITHOUT_REACTIONS.length)}${reactions}}`;
  }

  private reactionsFor(reactors: number, userId: number | undefined): string | typeof CROWDED {
    if (userId !== undefined) {
      if (this.isCrowded) return CROWDED;
      if (this.reactions.some(({ userIds }) => userIds!.includes(userId)))
        return this.printReactions(reactors, userId);
    }
    return (this.reactionJson[reactors] ??= this.printReactions(reactors, undefined));
  }

  private printReactions(reactors: number, userId: number | undefined): string {
    const summaries = this.reactions.map((reaction) => ({
      ...reaction,
      reactors: reaction.reactors.slice(0, reactors),
      you: userId !== undefined && reaction.userIds!.includes(userId),
    }));
    return JSON.stringify(reactionsObject(summaries, reactors));
  }
}
