import { sha256 } from './digest.js';
import { BREAK, codeOf, DIGIT, FREE, glyphsOf, kindOf, LATIN, scriptsOf, type Glyph } from './glyphs.js';
import { judgedText } from './judged-text.js';
import { leetReadings } from './leetspeak.js';

/** What tells a text from others that a person would not call the same. Nothing of the text can be read in it. */
export interface Fingerprint {
  readonly digest: string;
  /** How many letters and digits (or else symbols) the text has, repetitions of one apart. */
  readonly length: number;
}

const DIGEST_BYTES = 16;
/** Words at either end that may be noise. */
const NOISE_WORDS_MAX = 3;
const NOISE_LENGTH_MAX = 16;
/** Without a vowel, longer ones are hardly words of a language. */
const VOWELLESS_LENGTH_MIN = 4;
const VOWELS: ReadonlySet<number> = new Set([...'aeiouy'].map((letter) => letter.codePointAt(0)!));
/** When less is left without the noise, it is no noise: "t.me/x7k2q". */
const KEPT_LENGTH_MIN = 6;

/**
 * The same for texts that differ in case, spacing, punctuation, invisible characters, diacritics, lookalikes, digits
 * for letters, repeated letters and emoji, and in numbers or random letters at either end. Undefined when nothing
 * can be seen of the text. Time linear in its length, of which no more counts than `judgedText` leaves.
 */
export function fingerprint(text: string): Fingerprint | undefined {
  const plain = glyphsOf(judgedText(text));
  const read = leetReadings(plain)[0] ?? plain;
  const words = wordsOf(read);
  const all = lettersOf(read, words);
  const essence = lettersOf(read, withoutNoise({ plain, read }, words));
  const codes = essence.length >= KEPT_LENGTH_MIN ? essence : all.length > 0 ? all : symbolsOf(plain);
  if (codes.length === 0) return undefined;
  const digest = sha256(new Uint8Array(Int32Array.from(codes).buffer)).subarray(0, DIGEST_BYTES);
  return { digest: digest.toString('base64url'), length: Math.max(all.length, codes.length) };
}

/** The digest of {@link fingerprint}. */
export const fingerprintOf = (text: string): string | undefined => fingerprint(text)?.digest;

interface Range {
  readonly from: number;
  readonly to: number;
}

function wordsOf(glyphs: readonly Glyph[]): Range[] {
  const words: Range[] = [];
  for (let at = 0; at < glyphs.length; at++) {
    if (!isWordPart(glyphs[at]!)) continue;
    const from = at;
    while (at < glyphs.length && isWordPart(glyphs[at]!)) at++;
    words.push({ from, to: at });
  }
  return words;
}

/** Letters of scripts without spaces stand for themselves like emoji, but are letters. */
function isWordPart(glyph: Glyph): boolean {
  const kind = kindOf(glyph);
  if (kind !== FREE) return kind !== BREAK;
  return /[\p{L}\p{M}\p{N}]/u.test(String.fromCodePoint(codeOf(glyph)));
}

function lettersOf(glyphs: readonly Glyph[], words: readonly Range[]): number[] {
  const codes: number[] = [];
  for (const { from, to } of words)
    for (let at = from; at < to; at++) {
      const code = codeOf(glyphs[at]!);
      if (code !== codes.at(-1)) codes.push(code);
    }
  return codes;
}

const symbolsOf = (glyphs: readonly Glyph[]): number[] =>
  glyphs.map(codeOf).filter((code, at, codes) => code > 0x20 && code !== codes[at - 1]);

/** A text as it is, and with digits read as letters where they may be. */
interface Readings {
  readonly plain: readonly Glyph[];
  readonly read: readonly Glyph[];
}

function withoutNoise(readings: Readings, words: readonly Range[]): readonly Range[] {
  let first = 0;
  let end = words.length;
  while (first < NOISE_WORDS_MAX && first < end && isNoise(readings, words[first]!)) first++;
  const least = Math.max(first, end - NOISE_WORDS_MAX);
  while (end > least && isNoise(readings, words[end - 1]!)) end--;
  return words.slice(first, end);
}

/** A number, letters mixed with many digits, letters that nobody can speak. "t0day" is a word. */
function isNoise({ plain, read }: Readings, { from, to }: Range): boolean {
  const length = to - from;
  if (length > NOISE_LENGTH_MAX) return false;
  let digits = 0;
  let vowels = 0;
  for (let at = from; at < to; at++) {
    if (kindOf(plain[at]!) === DIGIT) digits++;
    else if (scriptsOf(plain[at]!) !== LATIN && kindOf(plain[at]!) !== BREAK) return false;
    if (VOWELS.has(codeOf(read[at]!))) vowels++;
  }
  const isSpeakable = vowels > 0 || length < VOWELLESS_LENGTH_MIN;
  return digits > 0 ? digits * 3 >= length || !isSpeakable : !isSpeakable;
}
