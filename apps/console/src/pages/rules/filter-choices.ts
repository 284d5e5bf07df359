/** As in libs/moderation/alphabet-filter.ts; the server refuses others. */
export const ALPHABETS: readonly string[] = [
  'persian',
  'arabic',
  'cyrillic',
  'greek',
  'latin',
  'hebrew',
  'armenian',
  'georgian',
  'han',
  'hiragana',
  'katakana',
  'japanese',
  'bopomofo',
  'hangul',
  'yi',
  'devanagari',
  'bengali',
  'gurmukhi',
  'gujarati',
  'odia',
  'tamil',
  'telugu',
  'kannada',
  'malayalam',
  'sinhala',
  'meetei',
  'santali',
  'thai',
  'lao',
  'khmer',
  'myanmar',
  'tibetan',
  'mongolian',
  'javanese',
  'balinese',
  'sundanese',
  'ethiopic',
  'tifinagh',
  'nko',
  'adlam',
  'vai',
  'syriac',
  'thaana',
  'coptic',
  'cherokee',
  'inuktitut',
];
export const REPLY_TYPES: readonly string[] = ['*', 'profanity', 'alphabet', ...ALPHABETS];

/** What the fields of the form are called, and in which part of it they are. */
export const FILTER_FIELDS = {
  'profanity.enabled': ['Words', 'Filter words'],
  'profanity.silent': ['Words', 'Hide instead of refusing'],
  'profanity.builtIn': ['Words', 'Use the built-in English list'],
  'profanity.inheritWords': ['Words', 'Use the server’s words, too'],
  'profanity.words': ['Words', 'Words'],
  'alphabets.names': ['Alphabets', 'Filtered alphabets'],
  'alphabets.silent': ['Alphabets', 'Hide instead of refusing'],
  filterModerators: ['Moderators', 'Filter moderators, too'],
} as const satisfies Record<string, readonly [part: string, label: string]>;

export const REPLY_LABELS = {
  type: 'Answers to',
  profileName: 'Under the name',
  templates: 'Texts',
  public: 'For the whole room; otherwise for the author alone',
} as const;

export interface Reply {
  type: string;
  profileName?: string;
  public?: boolean;
  templates?: string[];
}
