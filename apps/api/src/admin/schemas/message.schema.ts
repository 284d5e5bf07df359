import { z } from 'zod';
import type { ReadMessage } from '../../../../../libs/community/admin/admin-messages.service.js';
import type { AttachmentContent } from '../../../../../libs/protocol/content.js';
import { encodeBase64 } from '../../../../../libs/protocol/encodings.js';
import { ID_MAX } from '../../../../../libs/protocol/limits.js';
import { restorePadding } from '../../../../../libs/protocol/padding.js';
import { pageQuery } from '../paging.js';
import { rowId, sessionId, sessionIdInput, text, time, timeInput } from './parts.schema.js';
import { isoTime } from '../../../../../libs/protocol/clock.js';

const TEXT_MAX = 200;
export const DELETED_AT_ONCE_MAX = 100;

export const messageQuery = pageQuery.extend({
  author: sessionIdInput.optional(),
  from: timeInput.optional().describe('Not posted before'),
  to: timeInput.optional().describe('Posted before'),
  text: text.trim().min(1).max(TEXT_MAX).optional().describe('In what can be read, without case'),
  before: rowId.optional().describe('Ids below it, newest first'),
  after: rowId.optional().describe('Ids above it, oldest first'),
});

const attachment = z.object({
  fileId: z.int(),
  name: z.string().optional(),
  size: z.int(),
  contentType: z.string().optional(),
});

export const messageResource = z.object({
  id: z.int(),
  seqno: z.int(),
  postedAt: time('When it was posted'),
  editedAt: time('Of the last edit').optional(),
  sessionId,
  displayName: z.string().optional().describe('What the author called themselves'),
  isByServer: z.boolean().describe('An announcement, a notice or the reply of a filter, whatever its name'),
  text: z.string().optional(),
  data: z.string().describe('The whole message, base64'),
  attachments: z.array(attachment),
  quote: z.object({ sessionId: z.string().optional(), text: z.string().optional() }).optional(),
  whisperTo: sessionId.optional(),
  isForModerators: z.boolean().describe('A whisper to all moderators'),
  isFiltered: z.boolean().describe('Taken by a silent filter: nobody sees it'),
  isPinned: z.boolean(),
  reactions: z.array(z.object({ emoji: z.string(), count: z.int() })),
});

export const messagePage = z.object({
  items: z.array(messageResource),
  nextCursor: z.string().optional(),
  scannedUntil: z.int().optional().describe('Id of the last message that was looked at'),
});

export const deletion = z.strictObject({
  ids: z.array(z.int().positive().max(ID_MAX)).min(1).max(DELETED_AT_ONCE_MAX),
});

export function showMessage({
  message,
  content,
  isByServer,
  files,
  reactions,
}: ReadMessage): z.infer<typeof messageResource> {
  const { quote } = content ?? {};
  return {
    id: message.id,
    seqno: message.seqno,
    postedAt: isoTime(message.postedAt),
    ...(message.editedAt !== null && { editedAt: isoTime(message.editedAt) }),
    sessionId: message.sessionId,
    ...(content?.displayName !== undefined && { displayName: content.displayName }),
    isByServer,
    ...(content?.body !== undefined && { text: content.body }),
    data: encodeBase64(restorePadding({ data: message.data, size: message.dataSize })),
    attachments: files.map((file, at) => {
      const contentType = file.mediaType ?? declaredType(content?.attachments ?? [], file.filename, at);
      return {
        fileId: file.id,
        ...(file.filename !== null && { name: file.filename }),
        size: file.size,
        ...(contentType !== undefined && { contentType }),
      };
    }),
    ...(quote && {
      quote: {
        ...(quote.author !== undefined && { sessionId: quote.author }),
        ...(quote.text !== undefined && { text: quote.text }),
      },
    }),
    ...(message.whisperTo !== null && { whisperTo: message.whisperTo }),
    isForModerators: message.whisperMods,
    isFiltered: message.filtered,
    isPinned: message.pinned,
    reactions: reactions.map(({ emoji, count }) => ({ emoji, count })),
  };
}

/** What the author's client says of the file with this name, or in this place. */
const declaredType = (
  declared: readonly AttachmentContent[],
  filename: string | null,
  at: number,
): string | undefined =>
  (declared.find((one) => one.fileName !== undefined && one.fileName === filename) ?? declared[at])
    ?.contentType;
