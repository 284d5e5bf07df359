import { z } from 'zod';
import { ProblemError } from './problem.js';

const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 200;
const CURSOR_LENGTH_MAX = 512;

/** Of every list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  cursor: z.string().max(CURSOR_LENGTH_MAX).optional().describe('nextCursor of the page before; opaque'),
});

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });

export interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

export const writeCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** Where to go on; undefined at the beginning. Throws 400 for a cursor that this list never gave. */
export function readCursor<Place extends z.ZodType>(
  schema: Place,
  cursor: string | undefined,
): z.output<Place> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new ProblemError('invalid', 'The cursor is not one of this list');
  }
}

/** `rows`: one more than fits, if there are more. `placeOf` gives what {@link readCursor} will read. */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { show, placeOf }: { show(row: Row): Item; placeOf(row: Row): unknown },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items: shown.map(show), ...(hasMore && { nextCursor: writeCursor(placeOf(last)) }) };
}

/** The place in a list that is sorted by id alone. */
export const idPlace = z.object({ id: z.int().positive() });
