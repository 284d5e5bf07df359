import type { AutomodRule } from '../automod-rules.js';
import type { Standing } from '../automod-post.js';
import { hasLink } from '../links/links.js';
import { hasCommunityLink } from '../links/session-links.js';
import type { Check, JudgedPost } from './judged-post.js';
import { hasMention } from './text-checks.js';

/** What people may not do while they are new. Whether they are is asked only when they do it. */
export function newMembersCheck(rule: AutomodRule<'newMembers'>): Check {
  return async (post) => {
    const what = forbidden(rule, post);
    if (what === undefined) return undefined;
    const standing = await post.standing();
    if (!isNew(rule, standing)) return undefined;
    return { what, ageSeconds: Math.floor(standing.ageSeconds), posts: standing.posts };
  };
}

function forbidden(rule: AutomodRule<'newMembers'>, post: JudgedPost): string | undefined {
  if (rule.noWriting) return 'writing';
  if (rule.noFiles && post.fileCount > 0) return 'file';
  if (rule.noMentions && hasMention(post)) return 'mention';
  return rule.noLinks && hasAnyLink(post) ? 'link' : undefined;
}

const hasAnyLink = ({ bodyText, otherTexts }: JudgedPost): boolean =>
  [bodyText, ...otherTexts].some((text) => hasLink(text) || hasCommunityLink(text, () => false));

const isNew = ({ minutes = 0, messages = 0 }: AutomodRule<'newMembers'>, standing: Standing): boolean =>
  standing.ageSeconds < minutes * 60 || standing.posts < messages;

/** Somebody to whom a room that is raided is closed. */
export const isNewcomer = (
  { ageSeconds }: Pick<Standing, 'ageSeconds'>,
  { newcomerMinutes }: Pick<AutomodRule<'raid'>, 'newcomerMinutes'>,
): boolean => ageSeconds < newcomerMinutes * 60;
