import { ROOM_WORDS_MAX } from './filter-limits.js';
import { FilterRulesError, overlayRules, parseRoomRules, parseServerRules } from './filter-rules.js';

const RULES = {
  profanity: { enabled: true, silent: false, builtIn: false, words: ['bad', '!good*'], inheritWords: false },
  alphabets: { names: ['cyrillic', 'arabic'], silent: false },
  filterModerators: true,
  replies: [
    { type: 'cyrillic', profileName: 'Guard', public: true, templates: ['No, {name}.'] },
    { type: '*' },
  ],
};

function problemsOf(value: unknown): readonly string[] {
  try {
    parseRoomRules(value, 'fish');
  } catch (error) {
    if (error instanceof FilterRulesError) return error.problems;
    throw error;
  }
  return [];
}

it('rules are plain JSON', () => {
  expect(parseRoomRules(JSON.parse(JSON.stringify(RULES)), 'fish')).toEqual(RULES);
  expect(parseServerRules({})).toEqual({});
});

it.each([
  ['no object', null, /^must be an object$/],
  ['an unknown key', { profanity: { enable: true } }, /^profanity: .*"enable"/],
  ['an unknown alphabet', { alphabets: { names: ['runic'] } }, /^alphabets\.names\[0\]: .*"cyrillic"/],
  ['a bad term', { profanity: { words: ['ok', 'b*d'] } }, /^profanity\.words\[1\]: "b\*d" has a \* inside/],
  ['a regular expression', { profanity: { words: ['/(a+)+$/'] } }, /words\[0\]: .* is a regular expression/],
  [
    'too many words',
    { profanity: { words: Array(ROOM_WORDS_MAX + 1).fill('bad') } },
    /^profanity\.words: .*5000/,
  ],
  ['a text for a switch', { filterModerators: 'yes' }, /^filterModerators: must be true or false$/],
  ['an unknown reply', { replies: [{ type: 'spam' }] }, /^replies\[0\]\.type: must be one of "\*", /],
  [
    'two replies of a type',
    { replies: [{ type: '*' }, { type: '*' }] },
    /^replies: has two replies of type \*/,
  ],
  [
    'an unknown placeholder',
    { replies: [{ type: '*', templates: ['ok', 'Hi {nick}'] }] },
    /^replies\[0\]\.templates\[1\]: \{nick\} is no placeholder: there are \{name\}, \{mention\}, \{room\}, \{token\}/,
  ],
  ['an empty template', { replies: [{ type: '*', templates: [''] }] }, /templates\[0\]: must not be empty$/],
  [
    'a long name',
    { replies: [{ type: '*', profileName: 'ä'.repeat(51) }] },
    /profileName: is longer than 100 bytes/,
  ],
])('%s is refused', (_, value, problem) =>
  expect(problemsOf(value)).toEqual([expect.stringMatching(problem)]),
);

it('says whose rules are wrong', () => {
  expect(() => parseRoomRules([], 'fish')).toThrow(
    /^The filter rules of the room fish are not valid:\n {2}- /,
  );
  expect(() => parseServerRules([])).toThrow(/^The filter rules of the server are not valid/);
});

it('what is said nowhere has a default', () => {
  expect(overlayRules({}, {})).toEqual({
    profanity: { enabled: false, silent: true },
    builtIn: true,
    inheritWords: true,
    alphabets: { names: [], silent: true },
    filterModerators: false,
  });
});

it('a room goes before the server, one setting at a time', () => {
  const server = parseServerRules({
    profanity: { enabled: true, silent: false, builtIn: false },
    alphabets: { names: ['han'], silent: false },
    filterModerators: true,
  });
  expect(overlayRules(server, parseRoomRules({ profanity: { silent: true } }, 'fish'))).toEqual({
    profanity: { enabled: true, silent: true },
    builtIn: false,
    inheritWords: true,
    alphabets: { names: ['han'], silent: false },
    filterModerators: true,
  });
  expect(
    overlayRules(server, parseRoomRules({ alphabets: { names: [] }, filterModerators: false }, 'fish')),
  ).toMatchObject({ alphabets: { names: [], silent: false }, filterModerators: false });
});
