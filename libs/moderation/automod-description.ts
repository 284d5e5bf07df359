import { COPIED_TEXT_LENGTH_MIN_DEFAULT, IMAGE_DISTANCE_DEFAULT } from './automod-limits.js';
import {
  DEFAULT_ACTIONS,
  ROOM_RULE_NAMES,
  type AutomodAction,
  type AutomodRule,
  type AutomodRules,
  type DirectMessageRule,
  type RoomRuleName,
  type RuleName,
  type ServerAutomod,
} from './automod-rules.js';

/** A rule in words, for the command line. */
export interface RuleDescription {
  readonly rule: RuleName;
  readonly sentence: string;
}

/** The rules that are on, in their order. */
export function describeAutomod(rules: AutomodRules | ServerAutomod): RuleDescription[] {
  const described: RuleDescription[] = ROOM_RULE_NAMES.flatMap((name) => {
    const sentence = describeRule(name, rules[name]);
    return sentence === undefined ? [] : [{ rule: name, sentence }];
  });
  const forDirectMessages = 'directMessages' in rules ? rules.directMessages : undefined;
  if (forDirectMessages)
    described.push({ rule: 'directMessages', sentence: describeDirectMessages(forDirectMessages) });
  return described;
}

const describeRule = <Name extends RoomRuleName>(name: Name, rule: AutomodRules[Name]): string | undefined =>
  rule && `${SUBJECTS[name](rule)}: ${consequences(name, rule)}.`;

/** What the rule looks for. */
const SUBJECTS: { readonly [Name in RoomRuleName]: (rule: AutomodRule<Name>) => string } = {
  flood: ({ posts, seconds }) =>
    `More than ${counted(posts, 'post')} by one user within ${duration(seconds)}`,
  duplicates: ({ copies, seconds, scope, textLengthMin = COPIED_TEXT_LENGTH_MIN_DEFAULT }) =>
    `More than ${copies} of the same text (of ${counted(textLengthMin, 'letter')} or more) or file ` +
    `by ${scope === 'user' ? 'one user' : 'anybody'} within ${duration(seconds)}`,
  newMembers: ({ minutes, messages, ...rule }) => {
    const what = [
      rule.noWriting ? 'posts' : '',
      rule.noLinks ? 'links' : '',
      rule.noFiles ? 'files' : '',
      rule.noMentions ? 'mentions' : '',
    ];
    const until = [
      minutes === undefined ? '' : `in the first ${duration(minutes * 60)} on this server`,
      messages === undefined ? '' : `before ${counted(messages, 'message')} in the room`,
    ];
    return `${sentenceStart(listed(what, 'and'))} ${listed(until, 'or')}`;
  },
  slowMode: ({ seconds }) => `More than one post per user and ${duration(seconds)}`,
  links: ({ allow, deny, denyAll, noCommunityLinks, noSessionIds }) => {
    const links = denyAll || allow ? (allow?.length ? `links except to ${few(allow)}` : 'links') : '';
    return sentenceStart(
      listed(
        [
          links,
          deny?.length ? `links to ${few(deny)}` : '',
          noCommunityLinks ? 'links to communities' : '',
          noSessionIds ? 'Session IDs' : '',
        ],
        'and',
      ) || 'no links',
    );
  },
  mentions: ({ max }) => `More than ${counted(max, 'mention')}`,
  length: ({ charactersMax, linesMax }) =>
    `More than ${listed(
      [
        charactersMax === undefined ? '' : counted(charactersMax, 'character'),
        linesMax === undefined ? '' : counted(linesMax, 'line'),
      ],
      'or',
    )}`,
  files: ({ allowTypes, denyTypes, perMessageMax }) =>
    sentenceStart(
      listed(
        [
          allowTypes ? (allowTypes.length > 0 ? `files other than ${few(allowTypes)}` : 'files') : '',
          denyTypes?.length ? `files of type ${few(denyTypes)}` : '',
          perMessageMax === undefined ? '' : `more than ${counted(perMessageMax, 'file')} in a message`,
        ],
        'and',
      ) || 'no files',
    ),
  images: ({ hashes, distanceMax = IMAGE_DISTANCE_DEFAULT }) =>
    `Images like one of ${hashes.length} that are listed (${counted(distanceMax, 'bit')} apart at most)`,
  raid: ({ joins, posts, newcomerMinutes, lockSeconds }) => {
    const when = [
      joins ? `more than ${joins.count} come within ${duration(joins.seconds)}` : '',
      posts ? `they post more than ${counted(posts.count, 'time')} within ${duration(posts.seconds)}` : '',
    ];
    const newcomers = `people who are here for less than ${duration(newcomerMinutes * 60)}`;
    return `The room is closed to ${newcomers} for ${duration(lockSeconds)} when ${listed(when, 'or')}; the post that shows it`;
  },
};

const OUTCOMES: Readonly<Record<AutomodAction, string>> = {
  hide: 'hidden',
  reject: 'rejected',
  delete: 'hidden, and the copies before it deleted',
};

function consequences(name: RoomRuleName, rule: AutomodRule<RoomRuleName>): string {
  if (rule.dryRun) return 'only recorded (dry run)';
  const { muteSeconds, banSeconds, notify } = rule;
  return [
    OUTCOMES[rule.action ?? DEFAULT_ACTIONS[name]],
    ...(muteSeconds === undefined ? [] : [`muted for ${duration(muteSeconds)}`]),
    ...(banSeconds === undefined ? [] : [banSeconds === 0 ? 'banned' : `banned for ${duration(banSeconds)}`]),
    ...(notify ? ['moderators are told'] : []),
  ].join(', ');
}

function describeDirectMessages(rule: DirectMessageRule): string {
  const { minPosts, minMinutes, newRecipientsPerDayMax, noBannedSenders, dryRun, notify } = rule;
  const established = [
    minPosts === undefined ? '' : counted(minPosts, 'post'),
    minMinutes === undefined ? '' : `${duration(minMinutes * 60)} on this server`,
  ];
  const what = [
    listed(established, 'or') && `before ${listed(established, 'or')}`,
    newRecipientsPerDayMax === undefined
      ? ''
      : `to more than ${counted(newRecipientsPerDayMax, 'new recipient')} a day`,
    noBannedSenders ? 'from people who are banned in any room' : '',
  ];
  const outcome = dryRun ? 'only recorded (dry run)' : `swallowed${notify ? ', moderators are told' : ''}`;
  return `Direct messages ${listed(what, 'and')}: ${outcome}.`;
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const;

/** In the largest unit that leaves nothing over. */
function duration(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds % each === 0) ?? [1, 'second'];
  return counted(seconds / size, unit);
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

const SHOWN_MAX = 5;

const few = (entries: readonly string[]): string =>
  entries.length <= SHOWN_MAX
    ? listed(entries, 'and')
    : `${entries.slice(0, SHOWN_MAX).join(', ')} and ${entries.length - SHOWN_MAX} more`;

/** Parts that are not empty: "a, b and c". */
function listed(parts: readonly string[], conjunction: 'and' | 'or'): string {
  const said = parts.filter((part) => part !== '');
  if (said.length <= 1) return said.join('');
  return `${said.slice(0, -1).join(', ')} ${conjunction} ${said.at(-1)}`;
}

const sentenceStart = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
