import { z } from 'zod';
import { ID_MAX } from '../limits.js';

const NOBODYS = 0;

/** What cannot be an id of ours is the id of nothing. */
const idOrNobodys = (number: number): number => (number >= 1 && number <= ID_MAX ? number : NOBODYS);

/** Any whole number, since one that is no id names nothing rather than being of a wrong type (protocol.md §4.2, §5). */
export const wholeId = z.number().multipleOf(1).transform(idOrNobodys);

/** The same as decimal text. */
export const decimalId = z
  .string()
  .regex(/^-?\d+$/)
  .transform((text) => idOrNobodys(Number(text)));
