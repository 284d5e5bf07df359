import { z } from 'zod';
import { decodeBase64 } from '../encodings.js';

/** A base64 text that becomes bytes; refused with `expected` when it is none, or when `check` says no. */
export const base64 = (what: string, check: (bytes: Buffer) => boolean, expected: string) =>
  z
    .string()
    .describe(what)
    .transform((text, context) => {
      const bytes = decodeBase64(text);
      if (bytes && check(bytes)) return bytes;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    });
