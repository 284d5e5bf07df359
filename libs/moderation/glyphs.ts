import { AMBIGUOUS_LETTERS, LOOKALIKES } from './lookalikes.js';

/**
 * What the word filter sees of one character: folded to lower case, without diacritics, letters that pass for ASCII
 * ones replaced by those, and a few facts about it, all in one small integer so that a message is an array of numbers.
 */
export type Glyph = number;

/** Punctuation, space, anything between words. */
export const BREAK = 0;
export const LETTER = 1;
export const DIGIT = 2;
/** Stands for itself, with a word boundary on both sides: emoji, and scripts written without spaces. */
export const FREE = 3;
export type Kind = typeof BREAK | typeof LETTER | typeof DIGIT | typeof FREE;

export const LATIN = 1;
export const CYRILLIC = 2;
export const GREEK = 4;

const KIND_SHIFT = 18;
const MARKED = 1 << 20;
const SCRIPT_SHIFT = 21;
const GENUINE = 1 << 24;

const glyphOf = (code: number, kind: Kind, script = 0): Glyph =>
  code | (kind << KIND_SHIFT) | (script << SCRIPT_SHIFT);

/** The folded code point; below 2^18. */
export const codeOf = (glyph: Glyph): number => glyph & 0x3ffff;
export const kindOf = (glyph: Glyph): Kind => ((glyph >> KIND_SHIFT) & 3) as Kind;
/** Whether it had a diacritic. */
export const isMarked = (glyph: Glyph): boolean => (glyph & MARKED) !== 0;
/** {@link LATIN}, {@link CYRILLIC}, {@link GREEK}, several of them after {@link mergeGlyphs}; 0 for all other scripts. */
export const scriptsOf = (glyph: Glyph): number => (glyph >> SCRIPT_SHIFT) & 7;
/** The script of a letter that proves its script; 0 for one that passes for a letter of another. */
export const genuineScriptsOf = (glyph: Glyph): number => (glyph & GENUINE ? scriptsOf(glyph) : 0);

/** A repeated letter, with the marks and scripts of both. */
export const mergeGlyphs = (one: Glyph, other: Glyph): Glyph =>
  one | (other & (MARKED | (7 << SCRIPT_SHIFT)));
export const asFree = (glyph: Glyph): Glyph => glyph | (FREE << KIND_SHIFT);
export const latinLetter = (letter: string): Glyph => glyphOf(letter.codePointAt(0)!, LETTER, LATIN);

/** Characters as glyphs, in time linear in the length of the text. Invisible characters leave nothing. */
export function glyphsOf(text: string): Glyph[] {
  const glyphs: Glyph[] = [];
  for (let at = 0; at < text.length; at++) {
    const codePoint = text.codePointAt(at)!;
    if (codePoint > 0xffff) at++;
    const known = codePoint < TABLE_SIZE ? (TABLE[codePoint] || remember(codePoint)) - 1 : beyond(codePoint);
    if (known >= 0) glyphs.push(known);
    else if (known === MARK) markLast(glyphs);
    else if (known !== NOTHING) glyphs.push(...SEQUENCES[FIRST_SEQUENCE - known]!);
  }
  return glyphs;
}

/** Whether it leaves no glyph. */
export const isInvisible = (codePoint: number): boolean =>
  (codePoint < TABLE_SIZE ? (TABLE[codePoint] || remember(codePoint)) - 1 : beyond(codePoint)) === NOTHING;

function markLast(glyphs: Glyph[]): void {
  const last = glyphs.length - 1;
  if (last >= 0) glyphs[last]! |= MARKED;
}

/*
 * What a code point becomes is worked out when it is first met and kept: by itself, never for the text as a whole,
 * since String.normalize needs quadratic time for runs of combining marks (12 s for a message of 256 KiB).
 */

const NOTHING = -2;
/** A diacritic of the letter before it. */
const MARK = -3;
const FIRST_SEQUENCE = -4;
/** Planes 0 and 1. */
const TABLE_SIZE = 0x20000;
/** By code point: 0 = not met yet, else 1 + the glyph or one of the negative values. */
const TABLE = new Int32Array(TABLE_SIZE);
/** A few ligatures stand for whole phrases (U+FDFA for 18 letters): their beginnings do. */
const SEQUENCE_LENGTH_MAX = 4;
/** Characters that become several glyphs; bounded by the number of characters in Unicode. */
const SEQUENCES: Glyph[][] = [];

function remember(codePoint: number): number {
  const glyphs = [...String.fromCodePoint(codePoint).normalize('NFKD').toLowerCase()].flatMap(classify);
  TABLE[codePoint] = 1 + compact(glyphs);
  return TABLE[codePoint]!;
}

function compact(classified: readonly number[]): number {
  if (classified.every((each) => each < 0)) return classified.includes(MARK) ? MARK : NOTHING;
  const glyphs: Glyph[] = [];
  for (const each of classified) {
    if (each >= 0) glyphs.push(each);
    else if (each === MARK) markLast(glyphs);
  }
  if (glyphs.length === 1) return glyphs[0]!;
  return FIRST_SEQUENCE - (SEQUENCES.push(glyphs.slice(0, SEQUENCE_LENGTH_MAX)) - 1);
}

/** Planes 2 and 3 are Han; the rest is private or invisible (tags, variation selectors). */
const beyond = (codePoint: number): number => (codePoint < 0x40000 ? glyphOf(codePoint, FREE) : NOTHING);

/** The colour of a hand too, so that an emoji is the same in all of them. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Emoji_Modifier}\u0640]|(?!\s)\p{Cc}/u;
/** Sound marks of kana are inherited from any script too, but tell letters apart. */
const DIACRITIC = /(?![\u3099\u309a\u064b-\u065f\u0670])(?:\p{Script=Inherited}|[\u0483-\u0489])/u;
/** Vowel signs, which may be left out. */
const OPTIONAL_SIGN = /(?=\p{M})[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\u064b-\u065f\u0670]/u;
const UNSPACED =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Bopomofo}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar}|\p{Script=Tibetan}|[\u3005\u3099\u309a\u30fc]/u;
const SYMBOL = /\p{So}|\p{Extended_Pictographic}|\p{Co}/u;

/** `character` is lower-case and decomposed. */
function classify(character: string): number[] {
  const code = character.codePointAt(0)!;
  if (INVISIBLE.test(character) || OPTIONAL_SIGN.test(character) || code >= 0x40000) return [NOTHING];
  if (/\p{M}/u.test(character) && DIACRITIC.test(character)) return [MARK];
  if (UNSPACED.test(character)) return [glyphOf(code, FREE)];
  if (/\p{Nd}/u.test(character)) return [glyphOf(digitOf(character), DIGIT)];
  if (/[\p{L}\p{N}\p{M}]/u.test(character)) return letters(character);
  return [glyphOf(code, SYMBOL.test(character) ? FREE : BREAK)];
}

function letters(character: string): Glyph[] {
  const script = scriptOf(character);
  const folded = LOOKALIKES.get(character) ?? (character === 'ς' ? 'σ' : character);
  const genuine = script !== 0 && !AMBIGUOUS_LETTERS.has(character) ? GENUINE : 0;
  // ø is an o with a mark, as ö is; ß is two letters.
  const mark = script === LATIN && folded !== character && folded.length === 1 ? MARKED : 0;
  return [...folded].map((letter) => glyphOf(letter.codePointAt(0)!, LETTER, script) | genuine | mark);
}

function scriptOf(character: string): number {
  if (/\p{Script=Latin}/u.test(character)) return LATIN;
  if (/\p{Script=Cyrillic}/u.test(character)) return CYRILLIC;
  return /\p{Script=Greek}/u.test(character) ? GREEK : 0;
}

/** Decimal digits of all scripts stand in blocks of ten that begin with the zero. */
function digitOf(character: string): number {
  const code = character.codePointAt(0)!;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return 0x30 + ((code - zero) % 10);
}
