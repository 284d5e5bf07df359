import { z } from 'zod';
import type { Limits } from '../limits.js';
import { base64 } from './base64.js';

const fields = {
  id: z.number().int().positive().describe('Unique on the server, increasing'),
  posted_at: z.number().describe('Unix seconds'),
  expires_at: z.number().describe('When the server forgets it, Unix seconds'),
  sender: z.string().describe('66-digit hex id'),
  recipient: z.string().describe('66-digit hex id'),
};

/** Answer to POST /inbox/SID. */
export const sentDirectMessage = z.object(fields).meta({ id: 'SentDirectMessage' });

export const directMessage = z
  .object({ ...fields, message: z.string().describe('Encrypted end to end, base64') })
  .meta({ id: 'DirectMessage' });

/** Body of POST /inbox/SID. */
export const newDirectMessage = ({ directMessageBytesMax }: Limits) =>
  z
    .object({
      message: base64(
        `Encrypted end to end, base64, at most ${directMessageBytesMax} bytes`,
        (bytes) => bytes.length <= directMessageBytesMax,
        `message must be base64 of at most ${directMessageBytesMax} bytes`,
      ),
    })
    .meta({ id: 'NewDirectMessage' });

export type DirectMessageObject = z.infer<typeof directMessage>;
