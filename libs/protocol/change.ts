import { z } from 'zod';

const id = z.int().nonnegative();

const schema = z.discriminatedUnion('kind', [
  /** The room's row: settings, counters, and with them roles, permissions and pins; or the room is gone. */
  z.object({ kind: z.literal('room'), roomId: id }),
  /** Messages or reactions; `sequence`: what the room's `message_sequence` has reached at least. */
  z.object({ kind: z.literal('messages'), roomId: id, sequence: id }),
  /** Global roles or bans of anybody. */
  z.object({ kind: z.literal('users') }),
  /** Somebody was banned from a room, or (null) the server, and is nobody's active user any more. */
  z.object({ kind: z.literal('banned'), userId: id, roomId: id.nullable() }),
  /** The server's filter and automod rules. */
  z.object({ kind: z.literal('rules') }),
  /** A direct message between these two, with this id. */
  z.object({ kind: z.literal('mail'), senderId: id, recipientId: id, id }),
  /** Changes may have been missed: what counts them has to be looked at. */
  z.object({ kind: z.literal('missed') }),
  /** Anything, counted or not: what is kept is forgotten. */
  z.object({ kind: z.literal('everything') }),
]);

/**
 * What a committed write changed, for every process that keeps copies in memory (ARCHITECTURE.md, "Read models").
 * It says where to look again, never what is there now, so that one that is lost, late or doubled does no harm.
 */
export type Change = Readonly<z.infer<typeof schema>>;

export const MISSED: Change = { kind: 'missed' };
export const EVERYTHING: Change = { kind: 'everything' };

/**
 * What to tell of a write that may not have been committed: where to look again, and nothing that would not be so. A
 * number that the room has not reached is given to the next message, which nobody would look for.
 */
export const ifCommitted = (change: Change): Change =>
  change.kind === 'messages' ? { kind: 'room', roomId: change.roomId } : change;

/** A kind that we do not know comes from a newer version: anything may have changed. */
export function readChange(value: unknown): Change {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : EVERYTHING;
}

/** As text of ASCII; the same change is always the same text, so that it can be recognised. */
export const encodeChange = (change: Change): string => JSON.stringify(readChange(change));
