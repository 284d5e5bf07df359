import type { AutomodRule } from '../automod-rules.js';
import type { FindingDetail } from '../automod-finding.js';
import { DomainSet } from '../links/domains.js';
import { someLink } from '../links/links.js';
import { countMentions, hasCommunityLink, hasSessionId } from '../links/session-links.js';
import type { Check, JudgedPost } from './judged-post.js';

/** Links in the body, the display name, previews and invitations. */
export function linksCheck(rule: AutomodRule<'links'>): Check {
  const allowed = new DomainSet(rule.allow);
  const denied = new DomainSet(rule.deny);
  const isAllowed = (host: string): boolean => allowed.find(host) !== undefined;
  const onlyAllowed = rule.denyAll === true || rule.allow !== undefined;
  const inText = (text: string): FindingDetail | undefined => {
    if (rule.noSessionIds && hasSessionId(text)) return { what: 'Session ID' };
    if (rule.noCommunityLinks && hasCommunityLink(text, isAllowed)) return { what: 'community link' };
    let domain: string | undefined;
    const isFound = someLink(text, ({ host, certain }) => {
      domain = denied.find(host) ?? (onlyAllowed && certain && !isAllowed(host) ? host : undefined);
      return domain !== undefined;
    });
    return isFound ? { what: 'link', domain: domain! } : undefined;
  };
  return (post) => inText(post.bodyText) ?? firstFound(post.otherTexts, inText);
}

function firstFound<Found>(texts: readonly string[], find: (text: string) => Found | undefined) {
  for (const text of texts) {
    const found = find(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const mentionsCheck = ({ max }: AutomodRule<'mentions'>): Check => {
  return ({ bodyText }) => {
    const mentions = countMentions(bodyText);
    return mentions > max ? { mentions, limit: max } : undefined;
  };
};

export const lengthCheck = ({ charactersMax, linesMax }: AutomodRule<'length'>): Check => {
  return ({ body }) => {
    // Code points are at most as many as code units.
    if (charactersMax !== undefined && body.length > charactersMax) {
      const characters = [...body].length;
      if (characters > charactersMax) return { characters, limit: charactersMax };
    }
    const lines = linesMax === undefined ? 0 : countLines(body);
    return linesMax !== undefined && lines > linesMax ? { lines, limit: linesMax } : undefined;
  };
};

const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;

const countLines = (text: string): number => (text.match(LINE_BREAK)?.length ?? 0) + 1;

export const hasMention = ({ bodyText }: JudgedPost): boolean => countMentions(bodyText) > 0;
