import { restorePadding } from '../../libs/protocol/padding.js';
import type { MessageObject } from '../../libs/protocol/schemas/message.schema.js';
import type { RoomObject } from '../../libs/protocol/schemas/room.schema.js';
import { contentBytes, padded, type WrittenContent } from './content-writer.js';

/** Rooms and messages as services give them to the pages. */

export const sampleRoom = (over: Partial<RoomObject> = {}): RoomObject => ({
  token: 'fish',
  name: 'Fish',
  info_updates: 0,
  message_sequence: 0,
  created: 1_700_000_000,
  active_users: 3,
  active_users_cutoff: 7 * 86_400,
  moderators: [],
  admins: [],
  read: true,
  write: true,
  upload: true,
  ...over,
});

export const sampleId = (digits: string): string => `15${digits.repeat(64 / digits.length)}`;

/** With a content, or with data that is none. */
export function sampleMessage(
  content: WrittenContent | Buffer,
  over: Partial<MessageObject> = {},
): MessageObject {
  const data = Buffer.isBuffer(content)
    ? restorePadding({ data: content, size: content.length + 1 })
    : padded(contentBytes(content));
  return {
    id: 1,
    session_id: sampleId('a0'),
    posted: 1_700_000_000,
    seqno: 1,
    data: data.toString('base64'),
    signature: Buffer.alloc(64).toString('base64'),
    reactions: {},
    ...over,
  };
}

export const PAYLOADS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><svg onload=alert(1)>',
  '</textarea></code></p><iframe src=//evil.example></iframe>',
  '&lt;b&gt; &amp; <!-- ]]>',
];
