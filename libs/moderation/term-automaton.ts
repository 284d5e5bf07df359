import { CYRILLIC, GREEK, LATIN, BREAK, codeOf, FREE, isMarked, kindOf, scriptsOf } from './glyphs.js';
import type { Glyph } from './glyphs.js';
import type { Reading } from './readings.js';
import type { Term } from './term.js';
import { TermTrie } from './term-trie.js';

/** A repetition of this length is on purpose; natural languages double letters at most. */
const STRETCHED_RUN_MIN = 3;
/** Letters that English doubles: where the built-in list means two of them it says so. */
const DOUBLED_IN_ENGLISH = new Set([...'beolsg'].map((letter) => letter.codePointAt(0)!));
/** Vowels and final consonants of a Korean syllable, of which a term must not cut off any. */
const [JAMO_INSIDE_FIRST, JAMO_INSIDE_LAST] = [0x1160, 0x11ff];

/** Finds any number of terms in one pass over a text (Aho–Corasick), then holds each find against the letter of its term. */
export class TermAutomaton {
  private readonly trie: TermTrie;

  constructor(private readonly terms: readonly Term[]) {
    this.trie = new TermTrie(terms.map(({ glyphs }) => glyphs.map(codeOf)));
  }

  get isEmpty(): boolean {
    return this.terms.length === 0;
  }

  /** Calls `visit` with the first and last glyph of every find, by its end; stops when that answers true. */
  scan(reading: Reading, visit: (start: number, end: number) => boolean): void {
    const { trie, terms } = this;
    const { glyphs } = reading;
    let state = 0;
    for (let end = 0; end < glyphs.length; end++) {
      state = trie.next(state, codeOf(glyphs[end]!));
      for (let found = trie.firstFound(state); found !== 0; found = trie.nextFound(found)) {
        for (const index of trie.termsAt(found)) {
          const term = terms[index]!;
          const start = end - term.glyphs.length + 1;
          if (fits(term, reading, start) && visit(start, end)) return;
        }
      }
    }
  }
}

/** Letters alone were compared so far. */
function fits(term: Term, reading: Reading, start: number): boolean {
  const { glyphs } = reading;
  const end = start + term.glyphs.length - 1;
  if (term.glyphs.length < reading.termLengthMin) return false;
  if (!term.openStart && !isBoundary(glyphs[start - 1], glyphs[start]!)) return false;
  if (!term.openEnd && !isBoundary(glyphs[end + 1], glyphs[end]!)) return false;
  return !cutsSyllable(glyphs[end + 1]) && hasRuns(term, reading, start) && isInScript(term, reading, start);
}

/** Digits are no part of a word of letters: "name88" is "name". */
function isBoundary(outside: Glyph | undefined, inside: Glyph): boolean {
  if (outside === undefined) return true;
  const kind = kindOf(outside);
  return kind === BREAK || kind === FREE || kind !== kindOf(inside);
}

const cutsSyllable = (outside: Glyph | undefined): boolean =>
  outside !== undefined && codeOf(outside) >= JAMO_INSIDE_FIRST && codeOf(outside) <= JAMO_INSIDE_LAST;

function hasRuns(term: Term, { glyphs, runs }: Reading, start: number): boolean {
  const last = term.glyphs.length - 1;
  for (let at = 0; at <= last; at++) {
    const wanted = term.glyphs[at]!;
    const run = runs[start + at]!;
    const least = term.runs[at]!;
    // What is beyond an open end may begin with the same letter: "hit*" in "hitting".
    const mayBeLonger =
      run >= STRETCHED_RUN_MIN ||
      (at === 0 && term.openStart) ||
      (at === last && term.openEnd) ||
      (term.lenient && !DOUBLED_IN_ENGLISH.has(codeOf(wanted)));
    if (run !== least && !(run > least && mayBeLonger)) return false;
    // "schon" is not "schön", while "bäd" is "bad" in disguise.
    if (isMarked(wanted) && !isMarked(glyphs[start + at]!)) return false;
  }
  return true;
}

/**
 * A word in one script, in a text that is truly in that script, is not a term of another in disguise: "соск" in
 * a Russian text is Russian. A word of two scripts is.
 */
function isInScript(term: Term, { glyphs, genuineScripts }: Reading, start: number): boolean {
  let termScripts = 0;
  let scripts = 0;
  for (let at = 0; at < term.glyphs.length; at++) {
    termScripts |= scriptsOf(term.glyphs[at]!);
    scripts |= scriptsOf(glyphs[start + at]!);
  }
  const isOneScript = scripts === LATIN || scripts === CYRILLIC || scripts === GREEK;
  return (
    !isOneScript || termScripts === 0 || (termScripts & scripts) !== 0 || (genuineScripts & scripts) === 0
  );
}
