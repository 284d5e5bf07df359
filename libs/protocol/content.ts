import { readProtobuf, type ProtobufValue } from './protobuf.js';

/** What people wrote, as far as the server has a use for it (pages, filters). Every text is a stranger's. */
export interface MessageContent {
  body?: string;
  /** The author's name at that time, from the profile in the message. */
  displayName?: string;
  /** When the author's device sent it, Unix milliseconds. */
  timestampMs?: number;
  attachments: AttachmentContent[];
  quote?: QuoteContent;
  /** Pages that the author's client shows a preview of. */
  previews?: PreviewContent[];
  /** Another community that the author invites to. */
  invitation?: InvitationContent;
}

export interface AttachmentContent {
  fileName?: string;
  contentType?: string;
}

/** The message that this one answers. */
export interface QuoteContent {
  /** Its {@link MessageContent.timestampMs}. */
  timestampMs?: number;
  /** Its author's id, as the quoting client wrote it. */
  author?: string;
  /** Only older clients send it. */
  text?: string;
}

export interface PreviewContent {
  url?: string;
  title?: string;
}

export interface InvitationContent {
  /** A join link. */
  url?: string;
  name?: string;
}

const ATTACHMENTS_MAX = 64;
const PREVIEWS_MAX = 16;

/** Field numbers of Session's SignalService.proto; old clients send `timestamp`, newer ones `sigTimestamp`. */
const CONTENT = { dataMessage: 1, sigTimestamp: 15 } as const;
const DATA_MESSAGE = {
  body: 1,
  attachments: 2,
  timestamp: 7,
  quote: 8,
  previews: 10,
  profile: 101,
  invitation: 102,
} as const;
const ATTACHMENT = { contentType: 2, fileName: 7 } as const;
const QUOTE = { id: 1, author: 2, text: 3 } as const;
const PREVIEW = { url: 1, title: 2 } as const;
const PROFILE = { displayName: 1 } as const;
const INVITATION = { url: 1, name: 3 } as const;

/**
 * Reads the protobuf `Content` of a message (clients.md, "What is inside data"); `data` is without its padding.
 * Undefined when the bytes are no Content with a data message in it. As in every protobuf reader, unknown fields are
 * passed over, of a repeated text the last counts, and of a repeated message all parts together. Bytes that are not
 * UTF-8 become U+FFFD. Never throws.
 */
export function readContent(data: Buffer): MessageContent | undefined {
  const content = readFields(data);
  const dataMessage = content && message(content, CONTENT.dataMessage);
  const fields = dataMessage && readFields(dataMessage);
  if (!fields) return undefined;
  const profile = readNested(fields, DATA_MESSAGE.profile);
  const quote = readNested(fields, DATA_MESSAGE.quote);
  const invitation = readNested(fields, DATA_MESSAGE.invitation);
  const attachments = readAll(fields, DATA_MESSAGE.attachments, ATTACHMENTS_MAX);
  const previews = readAll(fields, DATA_MESSAGE.previews, PREVIEWS_MAX);
  if (profile === MALFORMED || quote === MALFORMED || invitation === MALFORMED) return undefined;
  if (!attachments || !previews) return undefined;
  return {
    ...present('body', text(fields, DATA_MESSAGE.body)),
    ...present('displayName', profile && text(profile, PROFILE.displayName)),
    ...present(
      'timestampMs',
      integer(fields, DATA_MESSAGE.timestamp) ?? integer(content, CONTENT.sigTimestamp),
    ),
    attachments: attachments.map(attachmentContent),
    ...present('quote', quote && quoteContent(quote)),
    ...present('previews', previews.length > 0 ? previews.map(previewContent) : undefined),
    ...present('invitation', invitation && invitationContent(invitation)),
  };
}

type Fields = ReadonlyMap<number, readonly ProtobufValue[]>;

const KNOWN_FIELD_MAX = 102;
const MALFORMED = Symbol('not protobuf');

/** Values by field number, in their order; undefined when the bytes are malformed. */
function readFields(bytes: Buffer): Fields | undefined {
  const fields = new Map<number, ProtobufValue[]>();
  const wellFormed = readProtobuf(bytes, (field, value) => {
    if (field > KNOWN_FIELD_MAX) return;
    const values = fields.get(field);
    if (values) values.push(value);
    else fields.set(field, [value]);
  });
  return wellFormed ? fields : undefined;
}

function readNested(fields: Fields, field: number): Fields | typeof MALFORMED | undefined {
  const bytes = message(fields, field);
  return bytes && (readFields(bytes) ?? MALFORMED);
}

/** The first `partsMax` messages of a repeated field; undefined when one of them is malformed. */
function readAll(fields: Fields, field: number, partsMax: number): Fields[] | undefined {
  const parts = all(fields, field)
    .slice(0, partsMax)
    .map((bytes) => readFields(bytes) ?? MALFORMED);
  return parts.every((part) => part !== MALFORMED) ? parts : undefined;
}

const all = (fields: Fields, field: number): Buffer[] =>
  (fields.get(field) ?? []).filter((value) => typeof value !== 'number');

/** Parts of one message that come apart belong together: joined, they read as one. */
function message(fields: Fields, field: number): Buffer | undefined {
  const parts = all(fields, field);
  return parts.length > 1 ? Buffer.concat(parts) : parts[0];
}

const text = (fields: Fields, field: number): string | undefined =>
  all(fields, field).at(-1)?.toString('utf8');

function integer(fields: Fields, field: number): number | undefined {
  const value = fields.get(field)?.findLast((each) => typeof each === 'number');
  return Number.isSafeInteger(value) ? value : undefined;
}

const attachmentContent = (fields: Fields): AttachmentContent => ({
  ...present('fileName', text(fields, ATTACHMENT.fileName)),
  ...present('contentType', text(fields, ATTACHMENT.contentType)),
});

const quoteContent = (fields: Fields): QuoteContent => ({
  ...present('timestampMs', integer(fields, QUOTE.id)),
  ...present('author', text(fields, QUOTE.author)),
  ...present('text', text(fields, QUOTE.text)),
});

const previewContent = (fields: Fields): PreviewContent => ({
  ...present('url', text(fields, PREVIEW.url)),
  ...present('title', text(fields, PREVIEW.title)),
});

const invitationContent = (fields: Fields): InvitationContent => ({
  ...present('url', text(fields, INVITATION.url)),
  ...present('name', text(fields, INVITATION.name)),
});

/** A member that is left out rather than undefined. */
const present = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } => (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
