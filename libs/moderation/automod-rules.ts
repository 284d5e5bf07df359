import { z } from 'zod';
import * as limits from './automod-limits.js';
import { parseDomain } from './links/domains.js';
import { isTypeEntry } from './media-types.js';
import type { RuleProblem } from './rule-problems.js';
import { parseRules, RulesError } from './rules-error.js';

const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const count = whole(1, limits.COUNT_MAX);
const seconds = whole(1, limits.WINDOW_SECONDS_MAX);
const minutes = whole(1, limits.NEW_MINUTES_MAX);
const onOff = z.boolean().optional();

/** What every rule has: what follows when it is broken. */
const CONSEQUENCES = {
  /** Accepted but never delivered, refused, or hidden with what the same wave left visible. Each rule has its default. */
  action: z.enum(['hide', 'reject', 'delete']).optional(),
  muteSeconds: whole(1, limits.MUTE_SECONDS_MAX).optional(),
  /** 0: for ever. */
  banSeconds: whole(0, limits.BAN_SECONDS_MAX).optional(),
  /** Whether moderators are told. */
  notify: onOff,
  /** Only record what would have been done. */
  dryRun: onOff,
};

const rule = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject({ ...CONSEQUENCES, ...shape });

/** A rule that says nothing is a mistake. `isSaid` looks at a rule with any of `keys`. */
const needsOneOf =
  (...keys: readonly string[]) =>
  (value: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void => {
    const isSaid = keys.some((key) => value[key] !== undefined && value[key] !== false);
    if (!isSaid) context.addIssue(`needs one of ${keys.join(', ')}`);
  };

const domain = z.string().refine((text) => parseDomain(text) !== undefined, {
  error: 'is no domain: write example.com, without https:// and without a path',
});
const domains = z.array(domain).max(limits.DOMAINS_MAX).optional();

const mediaType = z.string().refine(isTypeEntry, {
  error: 'is none of: a media type (image/png, image/*), a file extension (.exe), executable',
});
const mediaTypes = z.array(mediaType).max(limits.TYPES_MAX).optional();

const imageHash = z
  .strictObject({
    hash: z.string(),
    /** The file itself, or what the image looks like. */
    kind: z.enum(['sha256', 'perceptual']),
    note: z.string().max(limits.IMAGE_NOTE_LENGTH_MAX).optional(),
  })
  .superRefine(({ hash, kind }, context) => {
    const digits = kind === 'sha256' ? 64 : 16;
    if (hash.length === digits && /^[0-9a-f]+$/i.test(hash)) return;
    context.addIssue({
      code: 'custom',
      path: ['hash'],
      message: `a ${kind} hash is ${digits} hexadecimal digits`,
    });
  });

const ROOM_RULES = {
  /** More than `posts` by one user. */
  flood: rule({ posts: count, seconds }),
  /** More than `copies` of one text or file. */
  duplicates: rule({
    copies: count,
    seconds,
    /** Copies by the same user, or by whomever. */
    scope: z.enum(['user', 'everybody']).optional(),
    /** Letters and digits that a text must have to count. */
    textLengthMin: whole(1, limits.TEXT_LENGTH_MAX).optional(),
  }),
  /** While somebody is younger than `minutes`, or has fewer than `messages` in this room. */
  newMembers: rule({
    minutes: minutes.optional(),
    messages: whole(1, limits.NEW_MESSAGES_MAX).optional(),
    noLinks: onOff,
    noFiles: onOff,
    noMentions: onOff,
    noWriting: onOff,
  })
    .superRefine(needsOneOf('minutes', 'messages'))
    .superRefine(needsOneOf('noLinks', 'noFiles', 'noMentions', 'noWriting')),
  slowMode: rule({ seconds }),
  /** Domains stand for what is under them too. With `allow`, no others are allowed; `deny` goes before it. */
  links: rule({
    allow: domains,
    deny: domains,
    denyAll: onOff,
    noCommunityLinks: onOff,
    noSessionIds: onOff,
  }).superRefine(needsOneOf('allow', 'deny', 'denyAll', 'noCommunityLinks', 'noSessionIds')),
  mentions: rule({ max: whole(0, limits.COUNT_MAX) }),
  length: rule({
    charactersMax: whole(1, limits.TEXT_LENGTH_MAX).optional(),
    linesMax: whole(1, limits.TEXT_LENGTH_MAX).optional(),
  }).superRefine(needsOneOf('charactersMax', 'linesMax')),
  files: rule({
    allowTypes: mediaTypes,
    denyTypes: mediaTypes,
    perMessageMax: whole(0, limits.FILES_MAX).optional(),
  }).superRefine(needsOneOf('allowTypes', 'denyTypes', 'perMessageMax')),
  images: rule({
    hashes: z.array(imageHash).max(limits.IMAGE_HASHES_MAX),
    /** In how many of 64 bits a perceptual hash may differ. */
    distanceMax: whole(0, limits.IMAGE_DISTANCE_MAX).optional(),
  }),
  /** Closes writing to newcomers for `lockSeconds` when more than `count` of them come or post. */
  raid: rule({
    joins: z.strictObject({ count, seconds }).optional(),
    posts: z.strictObject({ count, seconds }).optional(),
    newcomerMinutes: minutes,
    lockSeconds: whole(1, limits.LOCK_SECONDS_MAX),
  }).superRefine(needsOneOf('joins', 'posts')),
};

/** Swallows direct messages, without a sign to the sender. */
const directMessages = z
  .strictObject({
    /** Only after so many posts or minutes here; with both, either will do. */
    minPosts: whole(1, limits.NEW_MESSAGES_MAX).optional(),
    minMinutes: minutes.optional(),
    newRecipientsPerDayMax: whole(0, limits.COUNT_MAX).optional(),
    /** None from somebody who is banned in any room. */
    noBannedSenders: onOff,
    notify: onOff,
    dryRun: onOff,
  })
  .superRefine(needsOneOf('minPosts', 'minMinutes', 'newRecipientsPerDayMax', 'noBannedSenders'));

const roomRules = z.strictObject(ROOM_RULES).partial();
const serverSchema = roomRules.extend({ directMessages: directMessages.optional() });
const roomSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(ROOM_RULES).map(([name, schema]) => [name, schema.nullable().optional()]),
  ) as unknown as { [Name in RoomRuleName]: z.ZodOptional<z.ZodNullable<(typeof ROOM_RULES)[Name]>> },
);

/** The rules that posts in a room are judged by. Plain JSON. */
export type AutomodRules = z.output<typeof roomRules>;
export type RoomRuleName = keyof typeof ROOM_RULES;
export type RuleName = RoomRuleName | 'directMessages';
export type AutomodRule<Name extends RoomRuleName> = NonNullable<AutomodRules[Name]>;
export type AutomodAction = NonNullable<AutomodRule<'flood'>['action']>;
export type DirectMessageRule = z.output<typeof directMessages>;
/** The rules of all rooms, and those of direct messages. */
export type ServerAutomod = z.output<typeof serverSchema>;
/** A rule instead of the server's of the same name; null: none. */
export type RoomAutomod = z.output<typeof roomSchema>;

export const ROOM_RULE_NAMES = Object.keys(ROOM_RULES) as readonly RoomRuleName[];

/** What is done when a rule does not say it. People who mean no harm learn why; spammers learn nothing. */
export const DEFAULT_ACTIONS: Readonly<Record<RoomRuleName, AutomodAction>> = {
  flood: 'reject',
  duplicates: 'hide',
  newMembers: 'reject',
  slowMode: 'reject',
  links: 'reject',
  mentions: 'reject',
  length: 'reject',
  files: 'reject',
  images: 'hide',
  raid: 'reject',
};

/** Automod rules cannot be used. */
export class AutomodRulesError extends RulesError {
  constructor(owner: string, errors: readonly RuleProblem[]) {
    super('automod rules', owner, errors);
    this.name = 'AutomodRulesError';
  }
}

/** @throws AutomodRulesError naming every problem. */
export const parseServerAutomod = (value: unknown): ServerAutomod =>
  parseRules(serverSchema, value, (errors) => new AutomodRulesError('the server', errors));
/** `room` is for the error. @throws AutomodRulesError */
export const parseRoomAutomod = (value: unknown, room: string): RoomAutomod =>
  parseRules(roomSchema, value, (errors) => new AutomodRulesError(`the room ${room}`, errors));

/** The room's rules, each as a whole, then those of the server that the room says nothing about. */
export function overlayAutomod(server: ServerAutomod, room: RoomAutomod): AutomodRules {
  const rules = ROOM_RULE_NAMES.flatMap((name) => {
    const chosen = room[name] === undefined ? server[name] : room[name];
    return chosen ? [[name, chosen] as const] : [];
  });
  return Object.fromEntries(rules);
}
