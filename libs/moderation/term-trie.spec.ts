import fc from 'fast-check';
import { TermTrie } from './term-trie.js';

/** End and place of every term in a text. */
function found(terms: number[][], text: number[]): string[] {
  const trie = new TermTrie(terms);
  const finds: string[] = [];
  let state = 0;
  for (const [at, code] of text.entries()) {
    state = trie.next(state, code);
    for (let end = trie.firstFound(state); end !== 0; end = trie.nextFound(end)) {
      for (const index of trie.termsAt(end)) finds.push(`${at}:${index}`);
    }
  }
  return finds.sort();
}

const naively = (terms: number[][], text: number[]): string[] =>
  text
    .flatMap((_, at) =>
      terms.flatMap((term, index) => {
        const part = text.slice(Math.max(0, at - term.length + 1), at + 1);
        return part.length === term.length && part.every((code, i) => code === term[i])
          ? `${at}:${index}`
          : [];
      }),
    )
    .sort();

it('finds all terms, as looking for each of them does', () => {
  const codes = (maxLength: number, minLength = 0) =>
    fc.array(fc.constantFrom(97, 98, 99, 0x3ffff), { minLength, maxLength });
  fc.assert(
    fc.property(fc.array(codes(5, 1), { maxLength: 12 }), codes(40), (terms, text) => {
      expect(found(terms, text)).toEqual(naively(terms, text));
    }),
    { numRuns: 500 },
  );
});

it('finds nothing without terms', () => expect(found([], [97, 98])).toEqual([]));
