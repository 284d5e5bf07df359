import { z } from 'zod';
import { parseSessionId, type SessionId } from '../ids.js';
import type { Limits } from '../limits.js';
import { base64 } from './base64.js';
import { decimalId, wholeId } from './id.schema.js';

const SIGNATURE_BYTES = 64;

export const reactionObject = z
  .object({
    index: z.number().int().nonnegative().describe('Order of first appearance on the message, from 0'),
    count: z.number().int().positive().describe('How many reacted this way'),
    reactors: z.array(z.string()).optional().describe('The first to react, 66-digit hex ids; see ?reactors='),
    you: z.literal(true).optional().describe('The caller is among them; left out otherwise'),
  })
  .meta({ id: 'Reaction' });

const id = z.number().int().positive().describe('Unique on the server, increasing');
const seqno = z.number().int().positive().describe('Greatest sequence number of any change of this message');
const reactions = z.record(z.string(), reactionObject).describe('By emoji; empty object if none');

export const messageObject = z
  .object({
    id,
    session_id: z.string().describe('Author, 66-digit hex id'),
    posted: z.number().describe('Unix seconds'),
    edited: z.number().optional().describe('Last edit or deletion, Unix seconds; left out if neither'),
    seqno,
    data: z.string().nullable().describe('Padded protobuf Content, base64; null once deleted'),
    signature: z.string().optional().describe('64 bytes over the padded data, base64; left out once deleted'),
    deleted: z.literal(true).optional().describe('Only seen through since; left out otherwise'),
    whisper: z.literal(true).optional().describe('Seen by some only; left out otherwise'),
    whisper_mods: z.boolean().optional().describe('Whispers: whether all moderators see it'),
    whisper_to: z.string().optional().describe('Whispers: addressee, 66-digit hex id; left out if none'),
    reactions: reactions.optional().describe('By emoji, empty object if none; left out once deleted'),
    filtered: z.literal(true).optional().describe('In the answer to its own author: a silent filter took it'),
  })
  .meta({ id: 'Message' });

/** Sent through `since` with `t=r` when nothing but reactions changed: exactly these three keys. */
export const reactionUpdateObject = z.object({ id, seqno, reactions }).meta({ id: 'ReactionUpdate' });

/** File ids come as integers or, from Android and iOS, as decimal strings. */
const fileId = z.union([wholeId, decimalId]);

/** Data, signature and files: what a post and an edit have in common. */
const content = (limits: Limits) => ({
  data: base64(
    `Padded protobuf Content, base64, at most ${limits.messageDataBytesMax} bytes`,
    (bytes) => bytes.length <= limits.messageDataBytesMax,
    `data must be base64 of at most ${limits.messageDataBytesMax} bytes`,
  ),
  signature: base64(
    'By the author over the padded data, 64 bytes, base64',
    (bytes) => bytes.length === SIGNATURE_BYTES,
    'signature must be base64 of 64 bytes',
  ),
  files: z
    .array(fileId)
    .max(limits.messageFilesMax)
    .nullish()
    .describe('Uploads of the same user in this room that the message takes'),
});

/** Body of POST /room/R/message. Unknown fields are ignored (clients.md). */
export const newMessage = (limits: Limits) =>
  z
    .object({
      ...content(limits),
      whisper_to: z
        .string()
        .describe('Addressee, 66-digit hex id; moderators only')
        .transform((text, context): SessionId => {
          const sessionId = parseSessionId(text);
          if (sessionId) return sessionId;
          context.addIssue({ code: 'custom', message: 'whisper_to must be a session id' });
          return z.NEVER;
        })
        .nullish(),
      whisper_mods: z.boolean().nullish().describe('Seen by all moderators; moderators only'),
    })
    .meta({ id: 'NewMessage' });

/** Body of PUT /room/R/message/ID. */
export const messageEdit = (limits: Limits) => z.object(content(limits)).meta({ id: 'MessageEdit' });

export type ReactionObject = z.infer<typeof reactionObject>;
export type MessageObject = z.infer<typeof messageObject>;
export type ReactionUpdateObject = z.infer<typeof reactionUpdateObject>;
export type NewMessage = z.infer<ReturnType<typeof newMessage>>;
export type MessageEdit = z.infer<ReturnType<typeof messageEdit>>;
