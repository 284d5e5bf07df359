import fc from 'fast-check';
import { terminalText } from '../protocol/operator-error.js';
import { PROBLEMS_SHOWN_MAX, SERVER_WORDS_MAX, TERM_LENGTH_MAX } from './filter-limits.js';
import { isProblem, parseTerm } from './term.js';
import { compileWords } from './word-filter.js';
import { parseWordList, WordListError } from './word-list.js';

function errorOf(text: string): WordListError {
  try {
    parseWordList(text, '/etc/words.txt');
  } catch (error) {
    if (error instanceof WordListError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('a word list', () => {
  it('has one term per line, comments and empty lines', () => {
    const text = '\uFEFF# our words\nbad\r\n\r\n  two words  # a phrase\n!good\n*stem*\r#end\nlast';
    expect(parseWordList(text, 'x')).toEqual(['bad', 'two words', '!good', '*stem*', 'last']);
  });

  it('may be empty', () => expect(parseWordList('', 'x')).toEqual([]));

  it('names the file and every line that cannot be read', () => {
    const error = errorOf('bad\n/(a+)+$/\n\nb*d\nx\n');
    expect(error.problems).toEqual([
      'line 2: "/(a+)+$/" is a regular expression, which word lists do not have: use words, and * at their ends',
      'line 4: "b*d" has a * inside: it may only stand at the beginning and at the end',
      'line 5: "x" is a single letter, which nearly every message has',
    ]);
    expect(terminalText(error)).toMatch(/^The word list \/etc\/words.txt is not valid:\n {2}- line 2: /);
  });

  it.each([
    ['a*', 'is a single letter'],
    ['*', 'has no letter, digit or symbol'],
    ['**', 'has no letter, digit or symbol'],
    ['!', 'has no letter, digit or symbol'],
    ['\u200b\u0301', 'has no letter, digit or symbol'],
    ['...', 'has no letter, digit or symbol'],
    ['c++', 'begins or ends with a punctuation mark'],
    ['stop!', 'begins or ends with a punctuation mark'],
    ['.org', 'begins or ends with a punctuation mark'],
    ['!/bad/i', 'is a regular expression'],
    ['a'.repeat(TERM_LENGTH_MAX + 1), 'is longer than 64 characters'],
    ['caf\uFFFD', 'is not UTF-8 text'],
    ['b\0a\0d', 'is not UTF-8 text'],
  ])('refuses %j', (line, why) =>
    expect(errorOf(`# x\n${line}`).problems[0]).toMatch(new RegExp(`^line 2: .*${why}`, 's')),
  );

  it('does not drown the terminal', () => {
    const error = errorOf('/x/\n'.repeat(1000));
    expect(error.message.split('\n')).toHaveLength(PROBLEMS_SHOWN_MAX + 2);
    expect(error.message).toContain('and 980 more');
  });

  it('has a bound', () => {
    expect(errorOf('bad\n'.repeat(SERVER_WORDS_MAX + 1)).problems).toEqual([
      '50001 terms, at most 50000 are allowed',
    ]);
  });

  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        try {
          compileWords(parseWordList(text, 'x'), 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(WordListError);
        }
      }),
    );
  });
});

it('a term is what its line says', () => {
  const parsed = parseTerm('! *Baad *');
  if (isProblem(parsed)) throw new Error(parsed.problem);
  expect(parsed).toMatchObject({
    runs: [1, 2, 1],
    openStart: true,
    openEnd: true,
    allowed: true,
    lenient: false,
  });
});

it('compiling refuses what parsing would', () => {
  expect(() => compileWords(['good', 'b*d'], 'of a test')).toThrow(
    /^The word list of a test is not valid:\n.*"b\*d"/,
  );
});
