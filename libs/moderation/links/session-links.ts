import { someLink } from './links.js';

/** Session's own things in a text. All take what `linkText` gives, and need time linear in its length. */

const MENTION = /@(?:05|15|25)[0-9a-f]{64}(?![0-9a-f])/g;
const SESSION_ID = /(?<![0-9a-f])05[0-9a-f]{64}(?![0-9a-f])/;
const JOIN_KEY = 'public_key=';
/** A key of 32 bytes in hex, base32z or base64. */
const KEY = /^[0-9a-z+/_-]{43}/;
/** How far before its key a join link can begin. */
const JOIN_LINK_LENGTH_MAX = 400;

/** How often somebody is mentioned: `@` and an id. */
export const countMentions = (text: string): number => text.match(MENTION)?.length ?? 0;

/**
 * Whether an unblinded id is in it, under which somebody can be written to outside of the community. `@05…` counts as
 * well: where ids are blinded, people are mentioned as `@15…`.
 */
export const hasSessionId = (text: string): boolean => SESSION_ID.test(text);

/** Whether it has a join link to a community (clients.md, "Join links"), other than those that `isAllowed` by their host. */
export function hasCommunityLink(text: string, isAllowed: (host: string) => boolean): boolean {
  for (let at = text.indexOf(JOIN_KEY); at >= 0; at = text.indexOf(JOIN_KEY, at + 1)) {
    const key = at + JOIN_KEY.length;
    if (!KEY.test(text.slice(key, key + 43))) continue;
    if (!leadsOnlyTo(text.slice(wordStart(text, at), at), isAllowed)) return true;
  }
  return false;
}

function leadsOnlyTo(link: string, isAllowed: (host: string) => boolean): boolean {
  let hosts = 0;
  const leadsElsewhere = someLink(link, ({ host, certain }) => {
    if (certain) hosts++;
    return certain && !isAllowed(host);
  });
  return hosts > 0 && !leadsElsewhere;
}

function wordStart(text: string, end: number): number {
  let start = end;
  const least = Math.max(0, end - JOIN_LINK_LENGTH_MAX);
  while (start > least && !/\s/.test(text[start - 1]!)) start--;
  return start;
}
