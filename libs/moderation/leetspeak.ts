import { BREAK, codeOf, DIGIT, kindOf, latinLetter, LATIN, LETTER, scriptsOf, type Glyph } from './glyphs.js';

/** Digits and signs that stand for a letter; 1 and | stand for two. */
const LEET = '@a4a8b(c3e€e6g9g1i!i|i0o$s5s7t+t2z';
const LEET_OTHERWISE = '1l|l';
/** Brackets and marks around a word are what they look like. */
const NEVER_FIRST = codes('(|+');
const NEVER_LAST = codes('(|+!');
/** Longer ones are ids, hashes and links, in which any word can be found. */
const WORD_LENGTH_MAX = 24;
/** 45s, 1080p; A55, mp3: quantities and models, not words. */
const NOT_WORDS = /^(?:S*D{2,}L+|L{1,2}D+)$/;

const LETTERS = lettersOf(LEET);
const LETTERS_OTHERWISE = lettersOf(LEET + LEET_OTHERWISE);
const AMBIGUOUS = codes('1|');

/**
 * The text with digits and signs read as letters, in words that have letters too; twice when 1 or | could be i or l.
 * Empty when there are no such words.
 */
export function leetReadings(glyphs: readonly Glyph[]): Glyph[][] {
  const words = leetWords(glyphs);
  if (words.length === 0) return [];
  const tables = words.some((word) => hasAmbiguous(glyphs, word)) ? [LETTERS, LETTERS_OTHERWISE] : [LETTERS];
  return tables.map((table) => {
    const read = [...glyphs];
    for (const { from, to } of words) {
      for (let at = from; at < to; at++) {
        if (kindOf(read[at]!) !== LETTER) read[at] = table.get(codeOf(read[at]!)) ?? read[at]!;
      }
    }
    return read;
  });
}

/** Whether it has a sign, not just a digit, that may stand for a letter. */
export const hasLeetSign = (glyphs: readonly Glyph[]): boolean => glyphs.some(isSign);

interface Range {
  readonly from: number;
  readonly to: number;
}

const isSign = (glyph: Glyph): boolean => kindOf(glyph) === BREAK && LETTERS.has(codeOf(glyph));
const isPart = (glyph: Glyph): boolean =>
  kindOf(glyph) === LETTER || kindOf(glyph) === DIGIT || isSign(glyph);

function leetWords(glyphs: readonly Glyph[]): Range[] {
  const words: Range[] = [];
  for (let at = 0; at < glyphs.length; at++) {
    if (!isPart(glyphs[at]!)) continue;
    const from = at;
    while (at < glyphs.length && isPart(glyphs[at]!)) at++;
    const word = trim(glyphs, { from, to: at });
    if (isLeet(glyphs, word)) words.push(word);
  }
  return words;
}

function trim(glyphs: readonly Glyph[], { from, to }: Range): Range {
  while (from < to && NEVER_FIRST.has(codeOf(glyphs[from]!))) from++;
  while (from < to && NEVER_LAST.has(codeOf(glyphs[to - 1]!))) to--;
  return { from, to };
}

function isLeet(glyphs: readonly Glyph[], { from, to }: Range): boolean {
  if (to - from > WORD_LENGTH_MAX) return false;
  let shape = '';
  let isLatin = false;
  for (let at = from; at < to; at++) {
    const glyph = glyphs[at]!;
    if (scriptsOf(glyph) === LATIN) isLatin = true;
    shape += kindOf(glyph) === LETTER ? 'L' : kindOf(glyph) === DIGIT ? 'D' : 'S';
  }
  return isLatin && /[DS]/.test(shape) && !NOT_WORDS.test(shape);
}

function hasAmbiguous(glyphs: readonly Glyph[], { from, to }: Range): boolean {
  for (let at = from; at < to; at++) if (AMBIGUOUS.has(codeOf(glyphs[at]!))) return true;
  return false;
}

function codes(characters: string): ReadonlySet<number> {
  return new Set([...characters].map((character) => character.codePointAt(0)!));
}

function lettersOf(table: string): ReadonlyMap<number, Glyph> {
  return new Map(
    [...table.matchAll(/(.)(.)/gu)].map(([, sign, letter]) => [sign!.codePointAt(0)!, latinLetter(letter!)]),
  );
}
