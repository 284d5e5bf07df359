import { asciiDomain, DOMAIN_LENGTH_MAX } from './domains.js';
import { domainEnd } from './top-level-domains.js';

/** Something that leads to a host, or may. */
export interface Link {
  /** In lower case and punycode, or an IP address; without user name, port and path. */
  readonly host: string;
  /**
   * Whether it is one for sure: with a scheme, with `www.`, with a path, or ending as domains do and words do not.
   * Others ("yes.it is", a name in the path of a link, an e-mail address) only count for those who look for this host.
   */
  readonly certain: boolean;
}

/** Scripts without spaces: their letters and others are not one label ("看example.com吧"). */
const UNSPACED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u30fc]';
const LABEL = `(?:(?:(?!${UNSPACED})[\\p{L}\\p{M}\\p{N}_-])+|(?:${UNSPACED}\\p{M}*)+)`;
/** Matches at every character of a label, with or without a dot in it, so that no part of a text is read twice. */
const DOTTED = new RegExp(`${LABEL}(?:\\.${LABEL})*`, 'gu');
const HAS_DOT_INSIDE = /[^\s.]\.[^\s.]/;

const SCHEME_END = '://';
const AUTHORITY_LENGTH_MAX = 2 * DOMAIN_LENGTH_MAX;
const AUTHORITY_END = /[\s/?#\\<>"`|^]/;
const LINK_END = /[\s<>"`|\\^{}]/g;

const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const PATH = /^(?:[/?#]|:\d)/;

/**
 * Hands the links of a text, as `linkText` gives it, to `visit` until that returns true; then true, else false. Never
 * throws, needs time linear in the length of the text.
 */
export function someLink(text: string, visit: (link: Link) => boolean): boolean {
  const hasScheme = text.includes(SCHEME_END);
  if (!hasScheme && !HAS_DOT_INSIDE.test(text)) return false;
  const spans: Span[] = [];
  if (hasScheme && someLinkWithScheme(text, spans, visit)) return true;
  return someBareLink(text, spans, visit);
}

export const hasLink = (text: string): boolean => someLink(text, ({ certain }) => certain);

/** From the authority of a link with a scheme to its end. */
interface Span {
  readonly from: number;
  readonly to: number;
}

function someLinkWithScheme(text: string, spans: Span[], visit: (link: Link) => boolean): boolean {
  let outside = 0;
  for (let at = text.indexOf(SCHEME_END); at >= 0; at = text.indexOf(SCHEME_END, at + 1)) {
    const from = at + SCHEME_END.length;
    const host = hostOf(text.slice(from, from + AUTHORITY_LENGTH_MAX));
    if (host === undefined) continue;
    if (visit({ host, certain: from >= outside })) return true;
    if (from < outside) continue;
    LINK_END.lastIndex = from;
    outside = LINK_END.exec(text)?.index ?? text.length;
    spans.push({ from, to: outside });
  }
  return false;
}

/** Most hosts: letters in the last label, so no address in disguise, and nothing that a browser would change. */
const PLAIN_HOST = /^((?:[a-z0-9_-]+\.)*[a-z][a-z0-9_-]*)\.?(?::\d*)?$/;
/** What stands behind a link in a sentence. */
const PUNCTUATION = new Set('.,;:!?\'")}*_');

/** The host that a browser would go to. */
function hostOf(rest: string): string | undefined {
  const end = rest.search(AUTHORITY_END);
  const authority = withoutPunctuation(end < 0 ? rest : rest.slice(0, end));
  const plain = PLAIN_HOST.exec(authority)?.[1];
  if (plain !== undefined) return plain;
  if (!/[\p{L}\p{N}]/u.test(authority) || !URL.canParse(`http://${authority}`)) return undefined;
  return new URL(`http://${authority}`).hostname.replace(/\.$/, '') || undefined;
}

function withoutPunctuation(text: string): string {
  let end = text.length;
  while (end > 0 && PUNCTUATION.has(text[end - 1]!)) end--;
  return text.slice(0, end);
}

function someBareLink(text: string, spans: readonly Span[], visit: (link: Link) => boolean): boolean {
  let span = 0;
  for (const { 0: name, index: from } of text.matchAll(DOTTED)) {
    if (!name.includes('.')) continue;
    while (span < spans.length && spans[span]!.to <= from) span++;
    const isInsideLink = span < spans.length && spans[span]!.from <= from;
    const link = bareLink(text, { name, from, isInsideLink });
    if (link && visit(link)) return true;
  }
  return false;
}

interface DottedName {
  readonly name: string;
  readonly from: number;
  readonly isInsideLink: boolean;
}

function bareLink(text: string, { name, from, isInsideLink }: DottedName): Link | undefined {
  const before = text.slice(Math.max(0, from - 2), from);
  // "don't.me" is a word and a half.
  if (/\p{L}['’]$/u.test(before)) return undefined;
  const host = asciiDomain(name);
  if (host === undefined) return undefined;
  const end = name.slice(name.lastIndexOf('.') + 1);
  const hasPath = PATH.test(text.slice(from + name.length, from + name.length + 2));
  if (/^\d+$/.test(end)) return IPV4.test(host) ? { host, certain: hasPath && !isInsideLink } : undefined;
  if (isInsideLink) return { host, certain: false };
  const kind = domainEnd(end);
  const isAddress = before.endsWith('@') && !hasPath;
  const looksMeant = hasPath || host.startsWith('www.');
  return { host, certain: !isAddress && (kind === 'plain' || (kind === 'ambiguous' && looksMeant)) };
}
