import { isInvisible } from './glyphs.js';

/** Clients write 10 000 characters at most (clients.md, "What is inside data"). */
export const TEXT_JUDGED_MAX = 16_384;
/** Of a display name, of which clients take 100 bytes. */
export const NAME_JUDGED_MAX = 1_000;
/** More white space at one place is as good as that much. */
const SPACE_RUN_MAX = 16;

/**
 * What filters and rules look at of a text: all of it, or the beginning of one that no client would write, so that
 * none takes long to judge. What nobody sees is left out of the long ones, so that it hides nothing behind it.
 */
export function judgedText(text: string, lengthMax = TEXT_JUDGED_MAX): string {
  if (text.length <= lengthMax) return text;
  const kept: number[] = [];
  let spaces = 0;
  for (let at = 0; at < text.length && kept.length < lengthMax; at++) {
    const codePoint = text.codePointAt(at)!;
    if (codePoint > 0xffff) at++;
    if (isInvisible(codePoint)) continue;
    spaces = isSpace(codePoint) ? spaces + 1 : 0;
    if (spaces <= SPACE_RUN_MAX) kept.push(codePoint);
  }
  return textOf(kept);
}

/** Several texts, all of them together no longer than that. */
export function judgedTexts(texts: readonly string[], lengthMax = TEXT_JUDGED_MAX): string[] {
  let left = lengthMax;
  const judged: string[] = [];
  for (const text of texts) {
    if (left <= 0) break;
    judged.push(judgedText(text, left));
    left -= text.length;
  }
  return judged;
}

const isSpace = (codePoint: number): boolean =>
  codePoint === 0x20 || (codePoint >= 0x09 && codePoint <= 0x0d) || codePoint === 0xa0;

/** As many as a call may have arguments, and more, in parts. */
const PART = 4096;

function textOf(codePoints: readonly number[]): string {
  let text = '';
  for (let at = 0; at < codePoints.length; at += PART)
    text += String.fromCodePoint(...codePoints.slice(at, at + PART));
  return text;
}
