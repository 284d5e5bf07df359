/**
 * Alphabets that a room can do without, by name; a text is in one as soon as it has a single character of it, as in the reference server. They are
 * Unicode scripts, but for two: `persian` is the letters of the Arabic script that Arabic itself does not use (also
 * Urdu, Kurdish and others have them), and `japanese` is both kana. Han characters are shared by Chinese and
 * Japanese: `han`. Tried in this order, so a special case stands before the script that contains it.
 *
 * The reference server's `persian` also has the letters that Persian shares with Arabic, so that it takes Arabic
 * texts too; name `arabic` beside it for that.
 */
const ALPHABETS = {
  persian:
    /[\u067e\u0686\u0698\u06a9\u06af\u06be\u06c0\u06cc]|[\ufb56-\ufb59\ufb7a-\ufb7d\ufb8a\ufb8b\ufb8e-\ufb95\ufbfc-\ufbff]/u,
  arabic: /\p{Script=Arabic}/u,
  cyrillic: /\p{Script=Cyrillic}/u,
  greek: /\p{Script=Greek}/u,
  latin: /\p{Script=Latin}/u,
  hebrew: /\p{Script=Hebrew}/u,
  armenian: /\p{Script=Armenian}/u,
  georgian: /\p{Script=Georgian}/u,
  han: /\p{Script=Han}/u,
  hiragana: /\p{Script=Hiragana}/u,
  katakana: /\p{Script=Katakana}/u,
  japanese: /\p{Script=Hiragana}|\p{Script=Katakana}/u,
  bopomofo: /\p{Script=Bopomofo}/u,
  hangul: /\p{Script=Hangul}/u,
  yi: /\p{Script=Yi}/u,
  devanagari: /\p{Script=Devanagari}/u,
  bengali: /\p{Script=Bengali}/u,
  gurmukhi: /\p{Script=Gurmukhi}/u,
  gujarati: /\p{Script=Gujarati}/u,
  odia: /\p{Script=Oriya}/u,
  tamil: /\p{Script=Tamil}/u,
  telugu: /\p{Script=Telugu}/u,
  kannada: /\p{Script=Kannada}/u,
  malayalam: /\p{Script=Malayalam}/u,
  sinhala: /\p{Script=Sinhala}/u,
  meetei: /\p{Script=Meetei_Mayek}/u,
  santali: /\p{Script=Ol_Chiki}/u,
  thai: /\p{Script=Thai}/u,
  lao: /\p{Script=Lao}/u,
  khmer: /\p{Script=Khmer}/u,
  myanmar: /\p{Script=Myanmar}/u,
  tibetan: /\p{Script=Tibetan}/u,
  mongolian: /\p{Script=Mongolian}/u,
  javanese: /\p{Script=Javanese}/u,
  balinese: /\p{Script=Balinese}/u,
  sundanese: /\p{Script=Sundanese}/u,
  ethiopic: /\p{Script=Ethiopic}/u,
  tifinagh: /\p{Script=Tifinagh}/u,
  nko: /\p{Script=Nko}/u,
  adlam: /\p{Script=Adlam}/u,
  vai: /\p{Script=Vai}/u,
  syriac: /\p{Script=Syriac}/u,
  thaana: /\p{Script=Thaana}/u,
  coptic: /\p{Script=Coptic}/u,
  cherokee: /\p{Script=Cherokee}/u,
  inuktitut: /\p{Script=Canadian_Aboriginal}/u,
} as const satisfies Readonly<Record<string, RegExp>>;

export type AlphabetName = keyof typeof ALPHABETS;

export const ALPHABET_NAMES = Object.keys(ALPHABETS) as readonly AlphabetName[];

/** The first of the named alphabets that `text` has a character of; undefined if it has none of any. */
export function findAlphabet(text: string, names: readonly AlphabetName[]): AlphabetName | undefined {
  return ALPHABET_NAMES.find((name) => names.includes(name) && ALPHABETS[name].test(text));
}
