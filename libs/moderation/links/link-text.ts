import { SPELLED_ENDS } from './top-level-domains.js';

/** Invisible, or another form of an ASCII character: wide, bold, circled, superscript, dots of other scripts. */
const DISGUISED =
  /[\p{Default_Ignorable_Code_Point}\p{Cf}\u1d2c-\u1d6a\u2024\u2070-\u209c\u2100-\u214f\u2460-\u24ff\u3002\uff01-\uffef\u{1d400}-\u{1d7ff}\u{1f100}-\u{1f1ff}]/gu;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u;
/** They are dots in domains as well (UTS #46). */
const OTHER_DOTS = /[\u3002\uff61]/u;

const ASCII = /^[\0-\x7f]*$/;

/** `[.]`, `(dot)`, `{ . }` … */
const BRACKETED_DOT = /\s{0,2}[[({<]\s{0,2}(?:\.|dot|d0t|punkt|punto|ponto|точка)\s{0,2}[\])}>]\s{0,2}/gu;
/** "name dot com", "name . com" */
const SPELLED_DOT = new RegExp(
  `(?<=[\\p{L}\\p{N}])\\s{1,3}(?:dot|\\.|точка)\\s{1,3}(?=(?:${SPELLED_ENDS})(?![\\p{L}\\p{N}]))`,
  'gu',
);
/** `hxxp://`, `http[:]//`, `h**ps : //`, `http:\\` */
const BROKEN_SCHEME =
  /(?<![\p{L}\p{N}])h(?:tt|xx|\*\*|__|\+\+)ps?\s{0,2}[[(]?\s?:\s?[\])]?\s{0,2}[[(]?\s?[/\\]{2}\s?[\])]?\s{0,2}/gu;

/**
 * A text as links in it are meant: lower-case, without invisible characters, other forms of ASCII characters as
 * those, and the usual ways to take a link apart ("hxxp://example[.]com", "example dot com") undone. Time linear in
 * the length: every repetition in a pattern is bounded.
 */
export function linkText(text: string): string {
  const visible = ASCII.test(text) ? text : text.replace(DISGUISED, undisguise);
  return visible
    .toLowerCase()
    .replace(BRACKETED_DOT, '.')
    .replace(SPELLED_DOT, '.')
    .replace(BROKEN_SCHEME, 'http://');
}

function undisguise(character: string): string {
  if (OTHER_DOTS.test(character)) return '.';
  return INVISIBLE.test(character) ? '' : character.normalize('NFKC');
}
