import { ALPHABET_NAMES, type AlphabetName } from '../../../../moderation/alphabet-filter.js';
import {
  REPLY_TYPES,
  type FilterRules,
  type ReplyRule,
  type ReplyType,
} from '../../../../moderation/filter-rules.js';
import { translateReferencePlaceholders } from '../../../../moderation/reply-template.js';
import { WordListError } from '../../../../moderation/word-list.js';
import type { IniFile, IniValue } from './ini-file.js';
import { isFilterKey, withoutCounterpart, yesOrNoOf, type LeftBehind } from './ini-settings.js';

/** Reads the terms of the word list that a section names. Throws WordListError. */
export type ReadWords = (path: string) => Promise<readonly string[]>;

export interface CarriedFilters {
  server: FilterRules;
  /** By token, as it is written in the file. */
  rooms: ReadonlyMap<string, FilterRules>;
  left: LeftBehind[];
}

const ROOM_SECTION = /^room:(.+)$/;
const FILTER_SECTION = /^filter:(.+):([^:]+)$/;
const EVERYWHERE = '*';

/** What `[messages]`, `[room:TOKEN]` and `[filter:ROOM:TYPE]` say, as rules of ours (not yet checked by their schema). */
export async function carryFilters(file: IniFile, readWords: ReadWords): Promise<CarriedFilters> {
  const left: LeftBehind[] = [];
  const byRoom = new Map<string, FilterRules>();
  const add = (room: string, rules: FilterRules): void => {
    byRoom.set(room, joined(byRoom.get(room) ?? {}, rules));
  };
  for (const [section, values] of file) {
    const [, token] = ROOM_SECTION.exec(section) ?? [];
    if (token !== undefined || section === 'messages') {
      const known = new Map([...values].filter(([key]) => isFilterKey(key)));
      for (const key of token === undefined ? [] : values.keys())
        if (!known.has(key)) left.push(withoutCounterpart(`[${section}] ${key}`));
      add(token ?? EVERYWHERE, await rulesOf(section, known, readWords, left));
      continue;
    }
    if (!section.startsWith('filter:')) continue;
    const [, room, type] = FILTER_SECTION.exec(section) ?? [];
    if (room === undefined || !isReplyType(type))
      left.push({
        from: `[${section}]`,
        why: 'It is not [filter:ROOM:TYPE] with *, profanity, alphabet or the name of an alphabet for TYPE.',
      });
    else add(room, { replies: [replyOf(section, type, values, left)] });
  }
  const server = byRoom.get(EVERYWHERE) ?? {};
  byRoom.delete(EVERYWHERE);
  return { server, rooms: byRoom, left };
}

/** What a room has from all sides, for a server whose own rules are others. A room's word counts before the server's. */
export function joined(server: FilterRules, room: FilterRules): FilterRules {
  const replies = new Map<ReplyType, ReplyRule>();
  for (const reply of [...(server.replies ?? []), ...(room.replies ?? [])])
    replies.set(reply.type, { ...replies.get(reply.type), ...reply });
  const words = [...(server.profanity?.words ?? []), ...(room.profanity?.words ?? [])];
  const profanity = { ...server.profanity, ...room.profanity, ...(words.length > 0 && { words }) };
  const alphabets = { ...server.alphabets, ...room.alphabets };
  const filterModerators = room.filterModerators ?? server.filterModerators;
  return {
    ...(Object.keys(profanity).length > 0 && { profanity }),
    ...(Object.keys(alphabets).length > 0 && { alphabets }),
    ...(filterModerators !== undefined && { filterModerators }),
    ...(replies.size > 0 && { replies: [...replies.values()] }),
  };
}

async function rulesOf(
  section: string,
  values: ReadonlyMap<string, IniValue>,
  readWords: ReadWords,
  left: LeftBehind[],
): Promise<FilterRules> {
  const flag = (key: string): boolean | undefined => flagOf(section, key, values, left);
  const enabled = flag('profanity_filter');
  const silent = flag('profanity_silent');
  const words = await wordsOf(section, values, readWords, left);
  const names = alphabetsOf(section, values, left);
  const alphabetsSilent = flag('alphabet_silent');
  return joined(
    {},
    {
      profanity: {
        ...(enabled !== undefined && { enabled }),
        ...(silent !== undefined && { silent }),
        ...(words && { words: [...words] }),
      },
      alphabets: {
        ...(names && { names }),
        ...(alphabetsSilent !== undefined && { silent: alphabetsSilent }),
      },
      filterModerators: flag('filter_mods'),
    },
  );
}

function flagOf(
  section: string,
  key: string,
  values: ReadonlyMap<string, IniValue>,
  left: LeftBehind[],
): boolean | undefined {
  const text = values.get(key)?.join(' ');
  if (text === undefined) return undefined;
  const said = yesOrNoOf(text);
  if (said === undefined) left.push({ from: `[${section}] ${key}`, why: `"${text}" is not yes or no.` });
  return said;
}

async function wordsOf(
  section: string,
  values: ReadonlyMap<string, IniValue>,
  readWords: ReadWords,
  left: LeftBehind[],
): Promise<readonly string[] | undefined> {
  const path = values.get('profanity_custom')?.join(' ') ?? '';
  if (path === '') return undefined;
  try {
    return await readWords(path);
  } catch (error) {
    if (!(error instanceof WordListError)) throw error;
    left.push({ from: `[${section}] profanity_custom`, why: `${path}: ${error.problems.join('; ')}.` });
    return undefined;
  }
}

function alphabetsOf(
  section: string,
  values: ReadonlyMap<string, IniValue>,
  left: LeftBehind[],
): AlphabetName[] | undefined {
  const lines = values.get('alphabet_filters');
  if (!lines) return undefined;
  const names = lines.flatMap((line) => line.split(/[\s,]+/)).filter((name) => name !== '');
  const unknown = names.filter((name) => !isAlphabet(name.toLowerCase()));
  if (unknown.length > 0)
    left.push({
      from: `[${section}] alphabet_filters`,
      why: `There is no alphabet ${unknown.join(', ')} here: see plaza filter --help.`,
    });
  return names.map((name) => name.toLowerCase()).filter(isAlphabet);
}

const isAlphabet = (name: string): name is AlphabetName =>
  (ALPHABET_NAMES as readonly string[]).includes(name);

const isReplyType = (type: string | undefined): type is ReplyType =>
  (REPLY_TYPES as readonly (string | undefined)[]).includes(type);

function replyOf(
  section: string,
  type: ReplyType,
  values: ReadonlyMap<string, IniValue>,
  left: LeftBehind[],
): ReplyRule {
  for (const key of values.keys())
    if (!['reply', 'profile_name', 'public'].includes(key))
      left.push(withoutCounterpart(`[${section}] ${key}`));
  const templates = values.get('reply')?.map(translateReferencePlaceholders);
  const profileName = values.get('profile_name')?.join(' ');
  const isPublic = flagOf(section, 'public', values, left);
  return {
    type,
    ...(templates && { templates }),
    ...(profileName !== undefined && profileName !== '' && { profileName }),
    ...(isPublic !== undefined && { public: isPublic }),
  };
}
