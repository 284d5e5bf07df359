import type { AlphabetName } from './alphabet-filter.js';
import type { FilterRules, ReplyRule, ReplyType } from './filter-rules.js';
import { fillTemplate, type ReplyContext } from './reply-template.js';

/** An answer to the author of a filtered message, or to the room. */
export interface FilterReply {
  readonly profileName: string;
  readonly text: string;
  /** For the whole room; else whispered to the author. */
  readonly public: boolean;
}

/** What a filter found. */
export type FilterFind =
  { readonly type: 'alphabet'; readonly alphabet: AlphabetName } | { readonly type: 'profanity' };

const DEFAULT_PROFILE_NAME = 'Plaza';

/**
 * The reply to a find; undefined if there is none. Each of the reply's settings comes from the most specific rule
 * that has it: any of the room's before the server's, then one for the alphabet before one for the filter before `*`.
 * `random` gives numbers in [0, 1).
 */
export function replyTo(
  find: FilterFind,
  rules: { server: FilterRules; room: FilterRules },
  context: ReplyContext,
  random: () => number,
): FilterReply | undefined {
  const types: ReplyType[] = ['*', find.type, ...(find.type === 'alphabet' ? [find.alphabet] : [])];
  const layers = [...repliesOf(rules.server, types), ...repliesOf(rules.room, types)];
  const lastOf = <Setting extends keyof ReplyRule>(setting: Setting): ReplyRule[Setting] | undefined =>
    layers.findLast((each) => each[setting] !== undefined)?.[setting];
  const templates = lastOf('templates');
  const template = templates?.[Math.floor(random() * templates.length)];
  if (template === undefined) return undefined;
  return {
    profileName: lastOf('profileName') ?? DEFAULT_PROFILE_NAME,
    text: fillTemplate(template, context),
    public: lastOf('public') ?? false,
  };
}

/** `types` go from the general to the special. */
const repliesOf = ({ replies = [] }: FilterRules, types: readonly ReplyType[]): ReplyRule[] =>
  types.flatMap((type) => replies.filter((each) => each.type === type));
