import { z } from 'zod';
import { parseRoomToken, type RoomToken } from '../ids.js';
import type { Limits } from '../limits.js';

/** Where a moderation call applies: the whole server, every room where the caller may (`*`), or these rooms. */
export type ModerationScope = 'global' | 'everywhere' | readonly string[];

const EVERYWHERE = '*';

const scopeFields = (limits: Limits) => ({
  rooms: z
    .array(z.string())
    .min(1)
    .max(limits.moderationRoomsMax)
    .nullish()
    .describe('Room tokens, or ["*"] for all rooms where the caller has the role'),
  global: z.boolean().nullish().describe('True: the whole server. Exactly one of rooms and global'),
});

/** First look at the body of POST /user/SID/…: exactly one of `rooms` and `global`; the rest comes after the role. */
export const moderationScope = (limits: Limits) =>
  z
    .object(scopeFields(limits))
    .loose()
    .transform(({ rooms, global, ...rest }, context) => {
      const named = rooms ?? undefined;
      const problem =
        (named === undefined) === (global !== true)
          ? 'exactly one of rooms and global is needed'
          : named && named.length > 1 && named.includes(EVERYWHERE)
            ? 'rooms: "*" stands alone'
            : undefined;
      if (problem !== undefined) {
        context.addIssue({ code: 'custom', message: problem });
        return z.NEVER;
      }
      const scope: ModerationScope =
        named === undefined ? 'global' : named[0] === EVERYWHERE ? 'everywhere' : named;
      return { scope, rest };
    })
    .meta({ id: 'ModerationScope' });

const flag = (what: string) =>
  z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined)
    .describe(what);

const roleFields = {
  moderator: flag('True adds moderator, false removes every role'),
  admin: flag('True adds admin, false demotes to moderator'),
  visible: flag('Whether everybody sees it; absent: yes in a room, no for the whole server'),
};

/** What POST /user/SID/moderator says beside its scope. Null is the same as absent. */
export const roleChange = z
  .object(roleFields)
  .refine(({ moderator, admin }) => moderator !== undefined || admin !== undefined, {
    message: 'moderator or admin is needed',
  })
  .refine(({ moderator, admin }) => !(admin === true && moderator === false), {
    message: 'an admin is always a moderator',
  });

const banFields = {
  timeout: z
    .number()
    .nullish()
    .transform((seconds) => seconds ?? 0)
    .describe('Seconds until the ban ends by itself; absent, null or 0: never'),
};

/** What POST /user/SID/ban says beside its scope. */
export const ban = z.object(banFields);

/** The two calls' bodies as a whole, for their description. */
export const roleCallBody = (limits: Limits) =>
  z.object({ ...scopeFields(limits), ...roleFields }).meta({ id: 'RoleChange' });
export const banCallBody = (limits: Limits) =>
  z.object({ ...scopeFields(limits), ...banFields }).meta({ id: 'Ban' });

export const roleCounters = z.object({
  info_updates: z.record(z.string(), z.number().int()).describe('By room token: the new info_updates'),
});

/** Tokens, or undefined if one cannot be a token or stands there twice (without case). */
export function distinctTokens(texts: readonly string[]): RoomToken[] | undefined {
  const tokens = texts.map(parseRoomToken);
  if (!tokens.every((token) => token !== undefined)) return undefined;
  const distinct = new Set(tokens.map((token) => token.toLowerCase()));
  return distinct.size === tokens.length ? tokens : undefined;
}
