import { boolean } from '../../../../config/setting-kinds.js';
import { DEFAULT_LIMITS, RETENTION_DAYS_MAX } from '../../../../protocol/limits.js';
import type { IniFile } from './ini-file.js';

/** A setting of `sogs.ini` as one of ours. */
export interface CarriedSetting {
  /** `[files] expiry` */
  from: string;
  name: string;
  /** As in `.env`. */
  value: string;
}

/** What has no counterpart here, or a value that has none; `why` is a complete sentence. */
export interface LeftBehind {
  from: string;
  why: string;
}

export const withoutCounterpart = (from: string): LeftBehind => ({
  from,
  why: 'There is nothing like it here.',
});

type Translation = (text: string) => string | undefined;

interface Counterpart {
  name: string;
  /** Undefined when the text means nothing. */
  to: Translation;
  expected: string;
}

const MIB = 1024 ** 2;

const LEVELS: Readonly<Record<string, string>> = {
  critical: 'fatal',
  fatal: 'fatal',
  error: 'error',
  warning: 'warn',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
};

const LONGEST = `${RETENTION_DAYS_MAX}d`;

/** Days, with or without the word; ours are whole seconds. */
const days: Translation = (text) => {
  const [, number] = /^(\d{1,9}(?:\.\d{1,9})?)\s*(?:d|days?)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const seconds = Math.round(Number(number) * 86_400);
  return seconds % 86_400 === 0 ? `${seconds / 86_400}d` : String(seconds);
};
/** 0: never, which is a hundred years here. */
const daysOrNever: Translation = (text) => (Number(text) === 0 ? LONGEST : days(text));
const yesOrNo: Translation = (text) => {
  const said = yesOrNoOf(text);
  return said === undefined ? undefined : String(said);
};
const bytes: Translation = (text) => (/^\d{1,15}$/.test(text) ? text : undefined);
const level: Translation = (text) => LEVELS[text.toLowerCase()];
const origin: Translation = (text) => text;

const lifetime = (name: string): Counterpart => ({ name, to: days, expected: 'a number of days' });
const flag = (name: string): Counterpart => ({ name, to: yesOrNo, expected: 'yes or no' });

/** By section and name (reference-operator.md). */
const COUNTERPARTS: Readonly<Record<string, Counterpart>> = {
  '[net] base_url': { name: 'PUBLIC_URL', to: origin, expected: 'an address' },
  '[net] http_show_index': flag('SHOW_INDEX'),
  '[net] http_show_recent': flag('SHOW_RECENT'),
  '[files] expiry': { ...lifetime('FILE_LIFETIME'), to: daysOrNever },
  '[files] max_size': { name: 'FILE_BYTES_MAX', to: bytes, expected: 'a number of bytes' },
  '[rooms] active_threshold': lifetime('ACTIVE_USER_WINDOW'),
  '[rooms] active_prune_threshold': lifetime('ROOM_ACTIVITY_LIFETIME'),
  '[direct_messages] expiry': lifetime('DIRECT_MESSAGE_LIFETIME'),
  '[users] require_blind_keys': flag('REQUIRE_BLINDED_IDS'),
  '[messages] history_prune_threshold': lifetime('EDIT_HISTORY_LIFETIME'),
  '[log] level': { name: 'LOG_LEVEL', to: level, expected: 'one of DEBUG, INFO, WARNING, ERROR, CRITICAL' },
};

/** Where the community itself is; these lead the import and become no setting. */
const PLACES = new Set(['[db] url', '[crypto] key_file', '[files] uploads_dir']);

/** Python's configparser knows the same words as our settings; undefined when it is none of them. */
export const yesOrNoOf = (text: string): boolean | undefined => boolean.parse(text, { cwd: '' });

/** Settings of a server; sections about filters are not looked at. */
export function carrySettings(file: IniFile): { settings: CarriedSetting[]; left: LeftBehind[] } {
  const settings: CarriedSetting[] = [];
  const left: LeftBehind[] = [];
  for (const [section, values] of file) {
    if (isAboutRooms(section)) continue;
    for (const [key, lines] of values) {
      const from = `[${section}] ${key}`;
      if (PLACES.has(from) || (section === 'messages' && isFilterKey(key))) continue;
      const counterpart = Object.hasOwn(COUNTERPARTS, from) ? COUNTERPARTS[from] : undefined;
      if (!counterpart) {
        left.push(withoutCounterpart(from));
        continue;
      }
      const text = lines.join(' ');
      const value = counterpart.to(text);
      if (value === undefined) left.push({ from, why: `"${text}" is not ${counterpart.expected}.` });
      else settings.push({ from, name: counterpart.name, value });
    }
  }
  return { settings: [...settings, ...bodyFor(settings)], left };
}

/** A file is the body of a request, so larger ones need a larger body. */
function bodyFor(settings: readonly CarriedSetting[]): CarriedSetting[] {
  const file = settings.find(({ name }) => name === 'FILE_BYTES_MAX');
  if (!file || Number(file.value) <= DEFAULT_LIMITS.httpBodyBytesMax) return [];
  return [{ from: file.from, name: 'HTTP_BODY_BYTES_MAX', value: String(Number(file.value) + MIB) }];
}

/** `[room:TOKEN]` and `[filter:ROOM:TYPE]`. */
const isAboutRooms = (section: string): boolean => /^(?:room|filter):/.test(section);

const FILTER_KEYS = new Set([
  'profanity_filter',
  'profanity_silent',
  'profanity_custom',
  'alphabet_filters',
  'alphabet_silent',
  'filter_mods',
]);

/** Whether it is one of those that `[messages]` has for the server and `[room:TOKEN]` for a room. */
export const isFilterKey = (key: string): boolean => FILTER_KEYS.has(key);
