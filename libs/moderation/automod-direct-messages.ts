import type { AutomodFinding, FindingDetail } from './automod-finding.js';
import type { AutomodFacts, Standing } from './automod-post.js';
import type { DirectMessageRule } from './automod-rules.js';

/** A message request, which nobody but its recipient can read. Moderators' are not for automod to see, from or to them. */
export interface JudgedDirectMessage {
  readonly sender: { readonly id: number };
  readonly recipient: { readonly id: number };
}

/** Asked only by rules that are on. */
export interface DirectMessageFacts extends Pick<AutomodFacts, 'record'> {
  /** The sender's: posts in all rooms. */
  standing(): Promise<Standing>;
  /** Whether the sender is banned in any room. */
  isBannedSomewhere(): Promise<boolean>;
  /** Whether these two have written to each other before; what was swallowed does not count. */
  conversation(): Promise<{ readonly sent: boolean; readonly received: boolean }>;
}

const DAY_SECONDS = 86_400;

/**
 * Whether a direct message is to be swallowed, without a sign to its sender, and why. Answers are always let through,
 * unless the sender is banned. Throws only what `facts` throws.
 */
export async function judgeDirectMessage(
  rule: DirectMessageRule | undefined,
  message: JudgedDirectMessage,
  facts: DirectMessageFacts,
): Promise<AutomodFinding | undefined> {
  const detail = rule && (await wrongWith(rule, message, facts));
  if (!detail) return undefined;
  const { notify = false, dryRun = false } = rule;
  return { rule: 'directMessages', action: 'hide', notify, dryRun, detail };
}

async function wrongWith(
  rule: DirectMessageRule,
  message: JudgedDirectMessage,
  facts: DirectMessageFacts,
): Promise<FindingDetail | undefined> {
  if (rule.noBannedSenders && (await facts.isBannedSomewhere())) return { what: 'banned sender' };
  const { minPosts, minMinutes, newRecipientsPerDayMax } = rule;
  const isForStrangers = [minPosts, minMinutes, newRecipientsPerDayMax].some((each) => each !== undefined);
  if (!isForStrangers) return undefined;
  const { sent, received } = await facts.conversation();
  if (received) return undefined;
  return (await newcomer(rule, facts)) ?? (sent ? undefined : await oneTooMany(rule, message, facts));
}

async function newcomer(
  { minPosts, minMinutes }: DirectMessageRule,
  facts: DirectMessageFacts,
): Promise<FindingDetail | undefined> {
  if (minPosts === undefined && minMinutes === undefined) return undefined;
  const { posts, ageSeconds } = await facts.standing();
  const isEstablished = posts >= (minPosts ?? Infinity) || ageSeconds >= (minMinutes ?? Infinity) * 60;
  return isEstablished ? undefined : { what: 'new sender', posts, ageSeconds: Math.floor(ageSeconds) };
}

async function oneTooMany(
  { newRecipientsPerDayMax: limit }: DirectMessageRule,
  { sender, recipient }: JudgedDirectMessage,
  facts: DirectMessageFacts,
): Promise<FindingDetail | undefined> {
  if (limit === undefined) return undefined;
  const window = `direct-messages/${sender.id}`;
  const { members } = await facts.record(window, String(recipient.id), DAY_SECONDS);
  return members > limit ? { what: 'new recipients', recipients: members, limit } : undefined;
}
