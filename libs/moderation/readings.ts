import {
  asFree,
  BREAK,
  codeOf,
  FREE,
  genuineScriptsOf,
  glyphsOf,
  kindOf,
  LETTER,
  mergeGlyphs,
  type Glyph,
} from './glyphs.js';
import { leetReadings } from './leetspeak.js';

/** One way to read a text: glyphs without repetitions, since "baaaad" is "bad". */
export interface Reading {
  /** Breaks are one glyph with the code of a space, or of * for a single * inside a word ("f*ck"). */
  readonly glyphs: readonly Glyph[];
  /** How often each was there in a row. */
  readonly runs: readonly number[];
  /** Scripts that the text has letters of that are nothing else. */
  readonly genuineScripts: number;
  /** Shorter terms mean nothing here. */
  readonly termLengthMin: number;
}

const SPACE = 0x20;
const STAR = 0x2a;
const NEW_LINE = 0x0a;
const SPELLED_LETTERS_MIN = 3;
/** Between the letters of a spelled-out word. */
const SPELLED_GAP_MAX = 3;

/**
 * All ways to read a text, the plain one first: with digits and signs as letters ("b@d"), with letters that stand
 * alone put together ("b a d"). The number is bounded, each takes time linear in the text's length.
 */
export function* readingsOf(text: string): Generator<Reading> {
  const glyphs = glyphsOf(text);
  const genuineScripts = glyphs.reduce((scripts, glyph) => scripts | genuineScriptsOf(glyph), 0);
  yield collapse(glyphs, genuineScripts);
  for (const leet of leetReadings(glyphs)) yield collapse(leet, genuineScripts);
  const spelled = spelledWords(glyphs);
  if (spelled.length > 0) yield { ...collapse(spelled, genuineScripts), termLengthMin: SPELLED_LETTERS_MIN };
}

/** The plain reading of a term, without breaks around it. */
export function readTerm(glyphs: readonly Glyph[]): Reading {
  const first = glyphs.findIndex((glyph) => kindOf(glyph) !== BREAK);
  const last = glyphs.findLastIndex((glyph) => kindOf(glyph) !== BREAK);
  return collapse(first < 0 ? [] : glyphs.slice(first, last + 1), 0);
}

function collapse(from: readonly Glyph[], genuineScripts: number): Reading {
  const glyphs: Glyph[] = [];
  const runs: number[] = [];
  let last = -1;
  for (let at = 0; at < from.length; at++) {
    const glyph = from[at]!;
    if (last >= 0 && isRepetition(glyphs[last]!, glyph)) {
      if (kindOf(glyph) === BREAK) {
        glyphs[last] = SPACE;
      } else {
        glyphs[last] = mergeGlyphs(glyphs[last]!, glyph);
        runs[last]!++;
      }
    } else {
      last = glyphs.push(kindOf(glyph) === BREAK ? breakAt(from, at) : glyph) - 1;
      runs.push(1);
    }
  }
  return { glyphs, runs, genuineScripts, termLengthMin: 1 };
}

const isRepetition = (last: Glyph, glyph: Glyph): boolean =>
  kindOf(last) === kindOf(glyph) && (codeOf(last) === codeOf(glyph) || kindOf(glyph) === BREAK);

function breakAt(from: readonly Glyph[], at: number): Glyph {
  const isInside = isLetter(from[at - 1]) && isLetter(from[at + 1]);
  return isInside && codeOf(from[at]!) === STAR ? STAR : SPACE;
}

const isLetter = (glyph: Glyph | undefined): boolean => glyph !== undefined && kindOf(glyph) === LETTER;

/** The letters of all spelled-out words, words kept apart; each letter is a word of its own as far as boundaries go. */
function spelledWords(glyphs: readonly Glyph[]): Glyph[] {
  const words: Glyph[] = [];
  let word: Glyph[] = [];
  let gap = 0;
  const endWord = (): void => {
    if (word.length >= SPELLED_LETTERS_MIN) words.push(...word, SPACE);
    word = [];
  };
  for (let at = 0; at < glyphs.length; at++) {
    const glyph = glyphs[at]!;
    if (kindOf(glyph) === BREAK) {
      gap++;
      if (gap > SPELLED_GAP_MAX || codeOf(glyph) === NEW_LINE) endWord();
      continue;
    }
    gap = 0;
    if (kindOf(glyph) === LETTER && isAlone(glyphs, at)) word.push(asFree(glyph));
    else endWord();
  }
  endWord();
  return words;
}

const isAlone = (glyphs: readonly Glyph[], at: number): boolean =>
  isApart(glyphs[at - 1]) && isApart(glyphs[at + 1]);
const isApart = (glyph: Glyph | undefined): boolean =>
  glyph === undefined || kindOf(glyph) === BREAK || kindOf(glyph) === FREE;
