import { z } from 'zod';
import { EVERYTHING, readChange, type Change } from '../protocol/change.js';
import { jsonIn } from '../protocol/json.js';

/** What goes over the wire: who says it, and what changed. */
export interface ChangeMessage {
  from: string;
  changes: readonly Change[];
}

const schema = z.object({ from: z.string(), changes: z.array(z.unknown()) });

/**
 * Joins encoded changes (ASCII, see `encodeChange`) to a message of at most `bytesMax` bytes, as many as fit, at
 * least one. Also returns which they are.
 */
export function joinChanges(
  from: string,
  encoded: Iterable<string>,
  bytesMax: number,
): { text: string; included: string[] } {
  const start = `{"from":${JSON.stringify(from)},"changes":[`;
  const end = ']}';
  const included: string[] = [];
  let bytes = start.length + end.length;
  for (const change of encoded) {
    bytes += change.length + 1;
    if (included.length > 0 && bytes > bytesMax) break;
    included.push(change);
  }
  return { text: `${start}${included.join(',')}${end}`, included };
}

/** Undefined for what is no message of ours. */
export function readChangeMessage(text: string): ChangeMessage | undefined {
  const parsed = schema.safeParse(jsonIn(text));
  if (!parsed.success) return undefined;
  const changes = parsed.data.changes.map(readChange);
  return { from: parsed.data.from, changes: changes.includes(EVERYTHING) ? [EVERYTHING] : changes };
}
