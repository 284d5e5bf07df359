import { hash } from 'node:crypto';

const WORD_BYTES = 6;
const WORDS = 4;
const WORD_RANGE = 2 ** (8 * WORD_BYTES);

/**
 * Tells whether two collections hold the same things, in whatever order they come: the sum of their SHA-256. Against
 * accidents, not against people.
 */
export class MultisetDigest {
  private readonly sums = Array.from({ length: WORDS }, () => 0);
  count = 0;

  /** Text counts as its UTF-8. */
  add(thing: string | Buffer): void {
    const bytes = hash('sha256', thing, 'buffer');
    for (let word = 0; word < WORDS; word++)
      this.sums[word] = (this.sums[word]! + bytes.readUIntBE(word * WORD_BYTES, WORD_BYTES)) % WORD_RANGE;
    this.count++;
  }

  /** 48 hexadecimal digits. */
  hex(): string {
    return this.sums.map((sum) => sum.toString(16).padStart(2 * WORD_BYTES, '0')).join('');
  }
}
