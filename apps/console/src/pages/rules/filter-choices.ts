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

export interface Reply {
  type: string;
  profileName?: string;
  public?: boolean;
  templates?: string[];
}
