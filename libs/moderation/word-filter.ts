import { builtInTerms } from './built-in-words.js';
import { judgedText } from './judged-text.js';
import { readingsOf, type Reading } from './readings.js';
import { isProblem, parseTerm, type Term } from './term.js';
import { TermAutomaton } from './term-automaton.js';
import { WordListError } from './word-list.js';

/** A word list, compiled: an automaton for what it forbids and one for what it allows. */
export interface CompiledWords {
  readonly forbidden: TermAutomaton;
  readonly allowed: TermAutomaton;
}

/** @throws WordListError for a line that `parseTerm` refuses; `listName` is for its message. */
export function compileWords(lines: readonly string[], listName: string): CompiledWords {
  const parsed = [...new Set(lines)].map(parseTerm);
  const problems = parsed.filter(isProblem);
  if (problems.length > 0)
    throw new WordListError(
      listName,
      problems.map(({ problem }) => problem),
    );
  return compileTerms(parsed.flatMap((term) => (isProblem(term) ? [] : [term])));
}

let builtIn: CompiledWords | undefined;

/** The English list that comes with the server, compiled at the first call. */
export const compiledBuiltInWords = (): CompiledWords => (builtIn ??= compileTerms(builtInTerms()));

const compileTerms = (terms: readonly Term[]): CompiledWords => ({
  forbidden: new TermAutomaton(terms.filter(({ allowed }) => !allowed)),
  allowed: new TermAutomaton(terms.filter(({ allowed }) => allowed)),
});

/** Several lists as one: what any of them forbids is found, unless it lies inside something that any of them allows. */
export class WordFilter {
  private readonly forbidden: readonly TermAutomaton[];
  private readonly allowed: readonly TermAutomaton[];

  constructor(lists: readonly CompiledWords[]) {
    this.forbidden = lists.map(({ forbidden }) => forbidden).filter(({ isEmpty }) => !isEmpty);
    this.allowed = lists.map(({ allowed }) => allowed).filter(({ isEmpty }) => !isEmpty);
  }

  /** Never throws; needs time linear in the length of the text, of which it reads no more than `judgedText` leaves. */
  matches(text: string): boolean {
    if (this.forbidden.length === 0) return false;
    for (const reading of readingsOf(judgedText(text))) if (this.isFound(reading)) return true;
    return false;
  }

  private isFound(reading: Reading): boolean {
    /** Pairs of first and last glyph. */
    const finds: number[] = [];
    for (const automaton of this.forbidden) {
      automaton.scan(reading, (start, end) => {
        finds.push(start, end);
        return this.allowed.length === 0;
      });
    }
    if (finds.length === 0) return false;
    const reach = this.allowedReach(reading);
    return finds.some((start, at) => at % 2 === 0 && reach[start]! < finds[at + 1]!);
  }

  /** By glyph: the last one of an allowed term that begins there or before; -1 if there is none. */
  private allowedReach(reading: Reading): Int32Array {
    const reach = new Int32Array(reading.glyphs.length).fill(-1);
    for (const automaton of this.allowed) {
      automaton.scan(reading, (start, end) => {
        reach[start] = Math.max(reach[start]!, end);
        return false;
      });
    }
    for (let at = 1; at < reach.length; at++) reach[at] = Math.max(reach[at]!, reach[at - 1]!);
    return reach;
  }
}
