import { z } from 'zod';
import { ADMIN_ROLES } from '../../../../../libs/community/admin/principal.js';
import {
  parseRoomToken,
  parseSessionId,
  type RoomToken,
  type SessionId,
} from '../../../../../libs/protocol/ids.js';
import { ID_MAX } from '../../../../../libs/protocol/limits.js';

/** From Unix seconds. */
export const time = (what: string) => z.iso.datetime().describe(`${what}, ISO 8601 in UTC`);

/** To Unix seconds. */
export const timeInput = z.iso
  .datetime({ offset: true })
  .describe('ISO 8601')
  .transform((text) => Date.parse(text) / 1000);

export const adminRole = z.enum(ADMIN_ROLES);

export const sessionId = z.string().describe('66 hex digits, as the community shows the person');

export const sessionIdInput = z
  .string()
  .regex(/^(05|15)[0-9a-fA-F]{64}$/, 'A Session ID is 66 hex digits that begin with 05 or 15')
  .transform((text) => parseSessionId(text) as SessionId)
  .describe('Session ID: 05… as contacts know it, or 15… as the community shows it');

/** The beginning of one. */
export const sessionIdPrefix = z
  .string()
  .regex(/^[0-9a-fA-F]{1,66}$/, 'The beginning of a Session ID is hex digits')
  .transform((text) => text.toLowerCase());

export const roomToken = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'A room token is 1 to 64 of A-Z a-z 0-9 _ and -')
  .transform((text) => parseRoomToken(text) as RoomToken);

export const rowId = z.coerce.number().int().positive().max(ID_MAX);

const HALF_CHARACTER = /\p{Surrogate}/u;

/** What somebody wrote. The database takes neither NUL nor, in JSON, half of a surrogate pair. */
export const text = z
  .string()
  .refine(
    (one) => !one.includes('\0') && !HALF_CHARACTER.test(one),
    'NUL and halves of characters are no text',
  );

/** Some words on why. */
export const reason = text.trim().max(200).optional().describe('For the moderation log');
