import { COPIED_TEXT_LENGTH_MIN_DEFAULT, RAID_PEOPLE_MIN } from '../automod-limits.js';
import type { AutomodRule } from '../automod-rules.js';
import type { FindingDetail } from '../automod-finding.js';
import type { Check, JudgedPost } from './judged-post.js';
import { isNewcomer } from './member-checks.js';

/** Refused posts count too: who goes on is not heard until he pauses. */
export function floodCheck({ posts, seconds }: AutomodRule<'flood'>): Check {
  return async (post) => {
    if (post.isEdit) return undefined;
    const { events } = await post.record(`flood/${post.author}`, seconds);
    return events > posts ? { posts: events, limit: posts, seconds } : undefined;
  };
}

/** Only what was let through takes a place, so that trying too early costs nobody anything. */
export function slowModeCheck({ seconds }: AutomodRule<'slowMode'>): Check {
  return async (post) => {
    if (post.isEdit) return undefined;
    const { events } = await post.record(`slow/${post.author}`, seconds, 1);
    return events > 1 ? { seconds } : undefined;
  };
}

/** Texts by what they look like, files by their bytes. An edit makes a copy as well. */
export function duplicatesCheck(rule: AutomodRule<'duplicates'>): Check {
  const { copies, seconds, textLengthMin = COPIED_TEXT_LENGTH_MIN_DEFAULT } = rule;
  return async (post) => {
    const prefix = rule.scope === 'user' ? `copies/${post.author}` : 'copies';
    const found = await Promise.all(
      thingsIn(post, textLengthMin).map(async ({ what, digest }): Promise<FindingDetail | undefined> => {
        const { events, members } = await post.record(`${prefix}/${what}/${digest}`, seconds);
        return events > copies
          ? { what, copies: events, people: members, limit: copies, seconds }
          : undefined;
      }),
    );
    return found.find((each) => each !== undefined);
  };
}

function thingsIn(post: JudgedPost, textLengthMin: number): { what: string; digest: string }[] {
  const text = post.fingerprint;
  const digests = new Set(post.files.flatMap(({ sha256 }) => sha256?.toString('base64url') ?? []));
  return [
    ...(text && text.length >= textLengthMin ? [{ what: 'text', digest: text.digest }] : []),
    ...[...digests].map((digest) => ({ what: 'file', digest })),
  ];
}

/** A raid is many people who are new here, not one who writes much. */
export function raidCheck(rule: AutomodRule<'raid'>): Check {
  const { posts: limit, lockSeconds } = rule;
  return async (post) => {
    if (!limit || post.isEdit || !isNewcomer(await post.standing(), rule)) return undefined;
    const { events, members } = await post.record('raid/posts', limit.seconds);
    const isRaid = events > limit.count && members >= RAID_PEOPLE_MIN;
    if (!isRaid) return undefined;
    return { posts: events, people: members, limit: limit.count, seconds: limit.seconds, lockSeconds };
  };
}
