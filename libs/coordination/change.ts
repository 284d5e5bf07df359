import { z } from 'zod';

const id = z.int().nonnegative();

const schema = z.discriminatedUnion('kind', [
  /** Anything may have changed: something was missed. */
  z.object({ kind: z.literal('everything') }),
  /** A room came, went, or changed its token. */
  z.object({ kind: z.literal('rooms') }),
  /** Settings, counters, roles or pins of a room. */
  z.object({ kind: z.literal('room'), roomId: id }),
  /** Messages of a room: new ones, edits, deletions, reactions. */
  z.object({ kind: z.literal('messages'), roomId: id }),
  /** Global roles or bans of anybody. */
  z.object({ kind: z.literal('users') }),
  /** A user's row. */
  z.object({ kind: z.literal('user'), userId: id }),
  /** What a user may do in a room. */
  z.object({ kind: z.literal('override'), roomId: id, userId: id }),
  /** Direct messages of a user, to or from. */
  z.object({ kind: z.literal('inbox'), userId: id }),
]);

/** That something is no longer as it was; what it is now is in the database. */
export type Change = z.infer<typeof schema>;

export const EVERYTHING: Change = { kind: 'everything' };

/** A kind that we do not know comes from a newer version: anything may have changed. */
export function readChange(value: unknown): Change {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : EVERYTHING;
}

/** As text of ASCII; the same change is always the same text, so that it can be recognised. */
export const encodeChange = (change: Change): string => JSON.stringify(readChange(change));
