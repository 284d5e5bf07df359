import {
  readContent,
  type AttachmentContent,
  type MessageContent,
} from '../../../../../libs/protocol/content.js';
import { decodeBase64 } from '../../../../../libs/protocol/encodings.js';
import { parseSessionId } from '../../../../../libs/protocol/ids.js';
import { removePadding } from '../../../../../libs/protocol/padding.js';
import type { MessageObject } from '../../../../../libs/protocol/schemas/message.schema.js';
import type { RoomObject } from '../../../../../libs/protocol/schemas/room.schema.js';
import { cut, initialOf, nameText, shortId, toneOf } from './shown-text.js';

/** A message as the page of its room shows it: texts of strangers, cut to size, not escaped. */
export interface ShownMessage {
  /** Their name, or their short id when they have none. */
  author: string;
  /** Undefined when it is `author` already. */
  authorShortId: string | undefined;
  /** Stands for the author in their avatar. */
  initial: string;
  /** Picks a colour: the same for the same author. */
  authorTone: number;
  role: 'Admin' | 'Moderator' | undefined;
  postedAt: number;
  edited: boolean;
  quote: { author: string; text: string | undefined } | undefined;
  /** Undefined when there is none, or none that this server can read. */
  text: string | undefined;
  attachments: { kind: string; name: string | undefined }[];
  attachmentsMore: number;
  reactions: { emoji: string; count: number }[];
  reactionsMore: number;
}

/** Clients send at most 2 000 characters, 10 000 with Pro. */
const TEXT_CODE_POINTS_MAX = 2_000;
const QUOTE_CODE_POINTS_MAX = 160;
const ATTACHMENTS_MAX = 10;
const REACTIONS_MAX = 12;
/** Whoever sends more than this sends no text for people. */
const DATA_BASE64_MAX = 96 * 1024;

/** `messages`: as an anonymous reader gets them. Deleted ones and whispers are left out whatever they are. */
export function shownMessages(messages: readonly MessageObject[], room: RoomObject): ShownMessage[] {
  const read = messages
    .filter((message) => message.data !== null && message.whisper !== true)
    .map((message) => ({ message, content: contentOf(message) }));
  const names = new Map<string, string>();
  for (const { message, content } of read) {
    const name = nameText(content?.displayName);
    // The newest one counts: `messages` begins with it.
    if (name !== undefined && !names.has(message.session_id)) names.set(message.session_id, name);
  }
  const quotable = new Map(read.map(({ content }) => [content?.timestampMs, content]));
  const context = { names, quotable, room };
  return read.map(({ message, content }) => shownMessage(message, content, context));
}

interface Context {
  names: ReadonlyMap<string, string>;
  quotable: ReadonlyMap<number | undefined, MessageContent | undefined>;
  room: RoomObject;
}

function shownMessage(
  message: MessageObject,
  content: MessageContent | undefined,
  context: Context,
): ShownMessage {
  const { session_id: author, posted, edited, reactions = {} } = message;
  const name = nameText(content?.displayName);
  const attachments = content?.attachments ?? [];
  const inOrder = Object.entries(reactions).sort(([, a], [, b]) => a.index - b.index);
  return {
    author: name ?? shortId(author),
    authorShortId: name === undefined ? undefined : shortId(author),
    initial: name === undefined ? '#' : initialOf(name),
    authorTone: toneOf(author),
    role: roleOf(author, context.room),
    postedAt: posted,
    edited: edited !== undefined,
    quote: quoteOf(content, context),
    text: shownText(content?.body, TEXT_CODE_POINTS_MAX, context),
    attachments: attachments.slice(0, ATTACHMENTS_MAX).map(shownAttachment),
    attachmentsMore: Math.max(0, attachments.length - ATTACHMENTS_MAX),
    reactions: inOrder.slice(0, REACTIONS_MAX).map(([emoji, { count }]) => ({ emoji, count })),
    reactionsMore: Math.max(0, inOrder.length - REACTIONS_MAX),
  };
}

function contentOf({ data }: MessageObject): MessageContent | undefined {
  if (data === null || data.length > DATA_BASE64_MAX) return undefined;
  const bytes = decodeBase64(data);
  return bytes && readContent(removePadding(bytes).data);
}

function roleOf(author: string, { admins, moderators }: RoomObject): ShownMessage['role'] {
  if (admins.includes(author)) return 'Admin';
  return moderators.includes(author) ? 'Moderator' : undefined;
}

/** Newer clients name the quoted message by its time only; its text is found when it is on the same page. */
function quoteOf(content: MessageContent | undefined, context: Context): ShownMessage['quote'] {
  if (!content?.quote) return undefined;
  const { author = '', timestampMs, text } = content.quote;
  const id = parseSessionId(author);
  const quoted = timestampMs === undefined ? undefined : context.quotable.get(timestampMs);
  return {
    author: context.names.get(author) ?? nameText(quoted?.displayName) ?? (id ? shortId(id) : 'somebody'),
    text: shownText(quoted?.body ?? text, QUOTE_CODE_POINTS_MAX, context),
  };
}

const shownAttachment = ({ fileName, contentType = '' }: AttachmentContent) => ({
  kind: kindOf(contentType),
  name: nameText(fileName),
});

function kindOf(contentType: string): string {
  const kinds: Readonly<Record<string, string>> = { image: 'Image', video: 'Video', audio: 'Audio' };
  const [type = ''] = contentType.toLowerCase().split('/');
  return Object.hasOwn(kinds, type) ? kinds[type]! : 'File';
}

const MENTION = /@((?:05|15)[0-9a-f]{64})/g;

/** Cut, with names instead of the ids that clients write for mentions, and never two empty lines in a row. */
function shownText(body: string | undefined, most: number, { names }: Context): string | undefined {
  if (body === undefined) return undefined;
  const lines = cut(body, most)
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
  const text = lines
    .filter((line, index) => line !== '' || lines[index - 1] !== '')
    .join('\n')
    .trim()
    .replace(MENTION, (_, id: string) => `@${names.get(id) ?? shortId(id)}`);
  return text === '' ? undefined : text;
}
