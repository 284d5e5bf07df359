import { BREAK, FREE, glyphsOf, kindOf, type Glyph } from './glyphs.js';
import { TERM_LENGTH_MAX } from './filter-limits.js';
import { hasLeetSign, leetReadings } from './leetspeak.js';
import { readTerm } from './readings.js';

/** A word or phrase that a filter looks for. */
export interface Term {
  /** Without repetitions, see {@link runs}. */
  readonly glyphs: readonly Glyph[];
  /** How often each glyph stands there in a row. */
  readonly runs: readonly number[];
  /** Whether a longer word may end with it (`*word`), begin with it (`word*`). */
  readonly openStart: boolean;
  readonly openEnd: boolean;
  /** `!word`: where it stands, nothing is found. */
  readonly allowed: boolean;
  /** A letter may be doubled too, unless English doubles it: "fuuck". Otherwise a run has the same length, or three and more. */
  readonly lenient: boolean;
}

/** What is wrong with a term; a sentence that begins with the term. */
export interface TermProblem {
  readonly problem: string;
}

/**
 * One line of a word list: `word`, `several words`, `word*`, `*word`, `*word*`, each with `!` before it to allow
 * rather than forbid. Upper and lower case, diacritics that the term does not have, invisible characters and
 * lookalikes of other alphabets make no difference. There are no regular expressions, so no term can cost more than
 * time linear in the length of the message.
 */
export function parseTerm(line: string): Term | TermProblem {
  const shown = JSON.stringify(line.length > TERM_LENGTH_MAX ? `${line.slice(0, TERM_LENGTH_MAX)}…` : line);
  const refuse = (why: string): TermProblem => ({ problem: `${shown} ${why}` });
  if (line.length > TERM_LENGTH_MAX) return refuse(`is longer than ${TERM_LENGTH_MAX} characters`);
  if (/^!?\/.*\/\w*$/u.test(line))
    return refuse('is a regular expression, which word lists do not have: use words, and * at their ends');
  const [, bang, startStar, text, endStar] = /^(!?)\s*(\*?)(.*?)(\*?)$/su.exec(line.trim())!;
  if (text!.includes('*')) return refuse('has a * inside: it may only stand at the beginning and at the end');
  // "a$$" is written with signs for letters, while "4chan" is a word of its own, digits and all.
  const written = glyphsOf(text!.trim());
  const glyphs = (hasLeetSign(written) && leetReadings(written)[0]) || written;
  const { glyphs: seen, runs } = readTerm(glyphs);
  if (seen.length === 0) return refuse('has no letter, digit or symbol');
  if (isAtEdge(glyphs))
    return refuse('begins or ends with a punctuation mark, which the filter does not see');
  if (seen.length === 1 && runs[0] === 1 && kindOf(seen[0]!) !== FREE)
    return refuse('is a single letter, which nearly every message has');
  return {
    glyphs: seen,
    runs,
    openStart: startStar !== '',
    openEnd: endStar !== '',
    allowed: bang !== '',
    lenient: false,
  };
}

export const isProblem = (parsed: Term | TermProblem): parsed is TermProblem => 'problem' in parsed;

const isAtEdge = (glyphs: readonly Glyph[]): boolean =>
  kindOf(glyphs[0]!) === BREAK || kindOf(glyphs.at(-1)!) === BREAK;
