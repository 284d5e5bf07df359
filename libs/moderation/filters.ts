import { readContent } from '../protocol/content.js';
import { findAlphabet, type AlphabetName } from './alphabet-filter.js';
import { CompiledRooms } from './compiled-rooms.js';
import { replyTo, type FilterFind, type FilterReply } from './filter-replies.js';
import { overlayRules, type EffectiveRules, type FilterRules } from './filter-rules.js';
import { judgedText, NAME_JUDGED_MAX } from './judged-text.js';
import { compiledBuiltInWords, compileWords, WordFilter, type CompiledWords } from './word-filter.js';

export interface FilteredMessage {
  /** Without its padding. */
  readonly data: Buffer;
  readonly isModerator: boolean;
  /** The author's id. */
  readonly sessionId: string;
  /** As it is now, for replies. */
  readonly room: { readonly name: string; readonly token: string };
}

export type FilterVerdict =
  | { readonly pass: true }
  | {
      readonly pass: false;
      /** As in `filtration rejected message (TYPE)` (protocol.md §4.2). */
      readonly type: 'alphabet' | 'profanity';
      readonly alphabet?: AlphabetName;
      /** Accept and hide; else reject. */
      readonly silent: boolean;
      /** To be sent either way. */
      readonly reply?: FilterReply;
    };

const PASS: FilterVerdict = { pass: true };

/** Judges messages of one room (protocol.md §12). */
export interface RoomFilter {
  /** In the request, so that the author gets the answer: well under 100 µs for a message of usual length. Never throws. */
  check(message: FilteredMessage): FilterVerdict;
}

/** The filters of all rooms. Rules of rooms are compiled when they are first needed and kept while they are in use. */
export class Filters {
  /** For rooms without rules of their own. */
  readonly server: RoomFilter;
  private readonly serverWords: CompiledWords;
  private readonly rooms = new CompiledRooms<RoomFilter>();

  /**
   * `random` gives numbers in [0, 1).
   * @throws WordListError when the rules did not come from `parseServerRules`.
   */
  constructor(
    private readonly serverRules: FilterRules,
    private readonly random: () => number = Math.random,
  ) {
    this.serverWords = compileWords(serverRules.profanity?.words ?? [], 'of the server');
    this.server = this.compile({});
  }

  /** The filter of a room whose rules were compiled before, in this revision; undefined otherwise. */
  known(roomId: number, revision: string): RoomFilter | undefined {
    return this.rooms.known(roomId, revision);
  }

  /**
   * The filter of a room with rules of its own. `revision` is any text that changes when they do; they are compiled
   * (some 10 ms per 1000 words) only when it is new.
   */
  forRoom(roomId: number, revision: string, rules: FilterRules): RoomFilter {
    return this.rooms.get(roomId, revision, () => this.compile(rules));
  }

  private compile(room: FilterRules): RoomFilter {
    const effective = overlayRules(this.serverRules, room);
    return new CompiledFilter({
      effective,
      words: new WordFilter(effective.profanity.enabled ? this.wordLists(room, effective) : []),
      replies: { server: this.serverRules, room },
      random: this.random,
    });
  }

  private wordLists(room: FilterRules, { builtIn, inheritWords }: EffectiveRules): CompiledWords[] {
    const own = room.profanity?.words ?? [];
    return [
      ...(builtIn ? [compiledBuiltInWords()] : []),
      ...(inheritWords ? [this.serverWords] : []),
      ...(own.length > 0 ? [compileWords(own, 'of a room')] : []),
    ];
  }
}

interface Compiled {
  readonly effective: EffectiveRules;
  readonly words: WordFilter;
  readonly replies: { readonly server: FilterRules; readonly room: FilterRules };
  readonly random: () => number;
}

class CompiledFilter implements RoomFilter {
  private readonly isOff: boolean;

  constructor(private readonly compiled: Compiled) {
    const { profanity, alphabets } = compiled.effective;
    this.isOff = !profanity.enabled && alphabets.names.length === 0;
  }

  check({ data, isModerator, sessionId, room }: FilteredMessage): FilterVerdict {
    const { effective, replies, random } = this.compiled;
    if (this.isOff || (isModerator && !effective.filterModerators)) return PASS;
    // What cannot be read may be of a newer client: never refused (clients.md, "What is inside data").
    const { body, displayName } = readContent(data) ?? {};
    const find = this.find(body && judgedText(body), displayName && judgedText(displayName, NAME_JUDGED_MAX));
    if (!find) return PASS;
    const context = { displayName, sessionId, roomName: room.name, roomToken: room.token };
    const reply = replyTo(find, replies, context, random);
    const { silent } = find.type === 'alphabet' ? effective.alphabets : effective.profanity;
    return { pass: false, ...find, silent, ...(reply && { reply }) };
  }

  /** Alphabets first, in the body; then words, in the body and in the name. */
  private find(body: string | undefined, displayName: string | undefined): FilterFind | undefined {
    const { effective, words } = this.compiled;
    const alphabet = body && findAlphabet(body, effective.alphabets.names);
    if (alphabet) return { type: 'alphabet', alphabet };
    const isProfane = [body, displayName].some((text) => text !== undefined && words.matches(text));
    return isProfane ? { type: 'profanity' } : undefined;
  }
}
