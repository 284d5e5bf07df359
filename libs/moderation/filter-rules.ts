import { z } from 'zod';
import { ALPHABET_NAMES, type AlphabetName } from './alphabet-filter.js';
import {
  PROBLEMS_SHOWN_MAX,
  PROFILE_NAME_BYTES_MAX,
  REPLY_TEMPLATE_LENGTH_MAX,
  REPLY_TEMPLATES_MAX,
  ROOM_WORDS_MAX,
  SERVER_WORDS_MAX,
} from './filter-limits.js';
import { PLACEHOLDER_NAMES, unknownPlaceholder } from './reply-template.js';
import type { RuleProblem } from './rule-problems.js';
import { parseRules, RulesError } from './rules-error.js';
import { isProblem, parseTerm } from './term.js';

/** What a reply answers to: anything, one filter, or one alphabet. */
export const REPLY_TYPES = ['*', 'profanity', 'alphabet', ...ALPHABET_NAMES] as const;

const template = z
  .string()
  .min(1)
  .max(REPLY_TEMPLATE_LENGTH_MAX)
  .superRefine((text, context) => {
    const unknown = unknownPlaceholder(text);
    if (unknown === undefined) return;
    const known = PLACEHOLDER_NAMES.join(', ');
    context.addIssue(`${unknown} is no placeholder: there are ${known}, and {{ for a brace`);
  });

const reply = z.strictObject({
  type: z.enum(REPLY_TYPES),
  /** The name that the reply is written under. */
  profileName: z
    .string()
    .min(1)
    .refine((name) => Buffer.byteLength(name) <= PROFILE_NAME_BYTES_MAX, {
      error: `is longer than ${PROFILE_NAME_BYTES_MAX} bytes`,
    })
    .optional(),
  /** For the whole room; else whispered to the author. */
  public: z.boolean().optional(),
  /** One is chosen at random; none: no reply. */
  templates: z.array(template).max(REPLY_TEMPLATES_MAX).optional(),
});

const words = (wordsMax: number) =>
  z
    .array(z.string())
    .max(wordsMax)
    .superRefine((lines, context) => {
      const problems = lines.flatMap((line, index) => {
        const parsed = parseTerm(line);
        return isProblem(parsed) ? [{ message: parsed.problem, path: [index] }] : [];
      });
      for (const { message, path } of problems.slice(0, PROBLEMS_SHOWN_MAX)) {
        context.addIssue({ code: 'custom', message, path });
      }
    });

const rules = (wordsMax: number) =>
  z.strictObject({
    profanity: z
      .strictObject({
        enabled: z.boolean().optional(),
        /** Accept and hide; else reject. */
        silent: z.boolean().optional(),
        /** Whether the English list that comes with the server counts. */
        builtIn: z.boolean().optional(),
        /** Terms as in `parseTerm`. A room's come on top of the server's. */
        words: words(wordsMax).optional(),
        /** In a room: false leaves the server's own words out. */
        inheritWords: z.boolean().optional(),
      })
      .optional(),
    alphabets: z
      .strictObject({
        /** Those that are filtered; in a room they replace the server's. */
        names: z.array(z.enum(ALPHABET_NAMES)).optional(),
        silent: z.boolean().optional(),
      })
      .optional(),
    /** Whether moderators are filtered too. */
    filterModerators: z.boolean().optional(),
    replies: z
      .array(reply)
      .max(REPLY_TYPES.length)
      .superRefine((replies, context) => {
        const twice = replies.find(
          ({ type }, index) => replies.findIndex((each) => each.type === type) < index,
        );
        if (twice) context.addIssue(`has two replies of type ${twice.type}`);
      })
      .optional(),
  });

const serverSchema = rules(SERVER_WORDS_MAX);
const roomSchema = rules(ROOM_WORDS_MAX);

/** The rules of a server, or what a room has otherwise: every part may be left out. Plain JSON. */
export type FilterRules = z.output<typeof roomSchema>;
export type ReplyRule = z.output<typeof reply>;
export type ReplyType = ReplyRule['type'];

/** Filter rules cannot be used. */
export class FilterRulesError extends RulesError {
  constructor(owner: string, errors: readonly RuleProblem[]) {
    super('filter rules', owner, errors);
    this.name = 'FilterRulesError';
  }
}

/** @throws FilterRulesError naming every problem. */
export const parseServerRules = (value: unknown): FilterRules => parse(serverSchema, value, 'the server');
/** `room` is for the error. @throws FilterRulesError */
export const parseRoomRules = (value: unknown, room: string): FilterRules =>
  parse(roomSchema, value, `the room ${room}`);

const parse = (schema: typeof roomSchema, value: unknown, owner: string): FilterRules =>
  parseRules(schema, value, (errors) => new FilterRulesError(owner, errors));

/** Rules with nothing left open, words apart: those are compiled per list. */
export interface EffectiveRules {
  readonly profanity: { readonly enabled: boolean; readonly silent: boolean };
  readonly builtIn: boolean;
  readonly inheritWords: boolean;
  readonly alphabets: { readonly names: readonly AlphabetName[]; readonly silent: boolean };
  readonly filterModerators: boolean;
}

/** What a room says counts, then what the server says, then the defaults: no filter, silent, moderators exempt. */
export function overlayRules(server: FilterRules, room: FilterRules): EffectiveRules {
  const { profanity, alphabets } = server;
  return {
    profanity: {
      enabled: room.profanity?.enabled ?? profanity?.enabled ?? false,
      silent: room.profanity?.silent ?? profanity?.silent ?? true,
    },
    builtIn: room.profanity?.builtIn ?? profanity?.builtIn ?? true,
    inheritWords: room.profanity?.inheritWords ?? true,
    alphabets: {
      names: room.alphabets?.names ?? alphabets?.names ?? [],
      silent: room.alphabets?.silent ?? alphabets?.silent ?? true,
    },
    filterModerators: room.filterModerators ?? server.filterModerators ?? false,
  };
}
