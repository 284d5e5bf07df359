import { OperatorError } from '../protocol/operator-error.js';
import { PROBLEMS_SHOWN_MAX, SERVER_WORDS_MAX } from './filter-limits.js';
import { isProblem, parseTerm } from './term.js';

/** A word list cannot be used. The message names the lines and is meant to be shown as it is. */
export class WordListError extends OperatorError {
  constructor(
    listName: string,
    readonly problems: readonly string[],
  ) {
    const more = problems.length - PROBLEMS_SHOWN_MAX;
    const lines = problems.slice(0, PROBLEMS_SHOWN_MAX).map((problem) => `  - ${problem}`);
    if (more > 0) lines.push(`  - and ${more} more`);
    super(`The word list ${listName} is not valid:\n${lines.join('\n')}`);
    this.name = 'WordListError';
  }
}

/**
 * The terms in the text of a word-list file: one per line as in `parseTerm`, `#` begins a comment, empty lines count
 * for nothing. `listName` (a path) is for the error.
 *
 * @throws WordListError naming every line that cannot be read.
 */
export function parseWordList(text: string, listName: string): string[] {
  const terms: string[] = [];
  const problems: string[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|[\n\r]/)
    .entries()) {
    const term = line.replace(/(?:^|\s)#.*$/su, '').trim();
    if (term === '') continue;
    const problem = problemOf(term);
    if (problem === undefined) terms.push(term);
    else problems.push(`line ${index + 1}: ${problem}`);
  }
  if (terms.length > SERVER_WORDS_MAX)
    problems.push(`${terms.length} terms, at most ${SERVER_WORDS_MAX} are allowed`);
  if (problems.length > 0) throw new WordListError(listName, problems);
  return terms;
}

function problemOf(term: string): string | undefined {
  // What a reader of UTF-8 makes of bytes that are none; NUL is the sign of UTF-16 and of binary files.
  if (/[\0\uFFFD]/u.test(term)) return 'is not UTF-8 text';
  const parsed = parseTerm(term);
  return isProblem(parsed) ? parsed.problem : undefined;
}
