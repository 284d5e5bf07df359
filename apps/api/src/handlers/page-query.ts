import { z } from 'zod';
import {
  ID_MAX,
  MESSAGES_PAGE_DEFAULT,
  MESSAGES_PAGE_MAX,
  REACTORS_DEFAULT,
  REACTORS_MAX,
} from '../../../../libs/protocol/limits.js';

const INTEGER = /^[+-]?\d{1,300}$/;

/** A decimal integer, brought into the range; anything else is refused, an empty text too (protocol.md §4.1). */
const clamped = (what: string, range: { min: number; max: number; default: number }) =>
  z
    .string()
    .regex(INTEGER, 'must be an integer')
    .optional()
    .describe(`${what}: ${range.min} to ${range.max} (clamped), ${range.default} if left out`)
    .transform((text) =>
      text === undefined ? range.default : Math.min(Math.max(Number(text), range.min), range.max),
    );

const limit = clamped('How many at most', { min: 1, max: MESSAGES_PAGE_MAX, default: MESSAGES_PAGE_DEFAULT });
const reactors = clamped('Names per reaction, 0 for none', {
  min: 0,
  max: REACTORS_MAX,
  default: REACTORS_DEFAULT,
});

export const limitQuery = z.object({ limit });
export const reactorsQuery = z.object({ reactors });
export const pageQuery = z.object({ limit, reactors });
export const sinceQuery = z.object({
  limit,
  reactors,
  t: z.string().optional().describe('With an r in it, reaction changes are sent too'),
});

/** Of a list of reactors: absent, zero and negative mean all (undefined). */
export const reactorsLimitQuery = z.object({
  limit: z
    .string()
    .regex(INTEGER, 'must be an integer')
    .optional()
    .describe('How many at most; absent or not positive: all')
    .transform((text) =>
      text !== undefined && Number(text) > 0 ? Math.min(Number(text), ID_MAX) : undefined,
    ),
});
