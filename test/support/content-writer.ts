/** Writes the protobuf inside messages, field by field, right or wrong. */

export interface WrittenContent {
  body?: string;
  displayName?: string;
  timestampMs?: number;
  /** Where newer clients put the time. */
  sigTimestampMs?: number;
  attachments?: { fileName?: string; contentType?: string }[];
  quote?: { timestampMs: number; author: string; text?: string };
  previews?: { url?: string; title?: string }[];
  invitation?: { url?: string; name?: string };
}

/** Unpadded Content{dataMessage{…}}. */
export function contentBytes(content: WrittenContent): Buffer {
  const { body, displayName, timestampMs, sigTimestampMs, attachments = [], quote } = content;
  const { previews = [], invitation } = content;
  const dataMessage = Buffer.concat([
    ...(body === undefined ? [] : [textField(1, body)]),
    ...attachments.map((attachment) => bytesField(2, attachmentBytes(attachment))),
    ...(timestampMs === undefined ? [] : [varintField(7, timestampMs)]),
    ...(quote === undefined ? [] : [bytesField(8, quoteBytes(quote))]),
    ...previews.map(({ url, title }) => bytesField(10, textFields({ 1: url, 2: title }))),
    ...(displayName === undefined ? [] : [bytesField(101, textField(1, displayName))]),
    ...(invitation ? [bytesField(102, textFields({ 1: invitation.url, 3: invitation.name }))] : []),
  ]);
  return Buffer.concat([
    bytesField(1, dataMessage),
    ...(sigTimestampMs === undefined ? [] : [varintField(15, sigTimestampMs)]),
  ]);
}

/** As clients pad: `0x80`, then zeros, to a multiple of 160 bytes. */
export function padded(content: Buffer): Buffer {
  const bytes = Buffer.alloc(Math.ceil((content.length + 1) / 160) * 160);
  content.copy(bytes);
  bytes[content.length] = 0x80;
  return bytes;
}

const attachmentBytes = ({ fileName, contentType }: { fileName?: string; contentType?: string }): Buffer =>
  Buffer.concat([
    tag(1, 1),
    Buffer.alloc(8, 7),
    ...(contentType === undefined ? [] : [textField(2, contentType)]),
    bytesField(3, Buffer.alloc(32, 1)),
    varintField(4, 12_345),
    ...(fileName === undefined ? [] : [textField(7, fileName)]),
    textField(101, 'http://127.0.0.1/file/1'),
  ]);

const quoteBytes = ({ timestampMs, author, text }: NonNullable<WrittenContent['quote']>): Buffer =>
  Buffer.concat([
    varintField(1, timestampMs),
    textField(2, author),
    ...(text === undefined ? [] : [textField(3, text)]),
  ]);

const textFields = (texts: Readonly<Record<number, string | undefined>>): Buffer =>
  Buffer.concat(
    Object.entries(texts).flatMap(([field, text]) =>
      text === undefined ? [] : [textField(Number(field), text)],
    ),
  );

export const tag = (field: number, wireType: number): Buffer => varint(BigInt(field) * 8n + BigInt(wireType));
export const varintField = (field: number, value: number | bigint): Buffer =>
  Buffer.concat([tag(field, 0), varint(BigInt(value))]);
export const bytesField = (field: number, bytes: Buffer): Buffer =>
  Buffer.concat([tag(field, 2), varint(BigInt(bytes.length)), bytes]);
export const textField = (field: number, text: string): Buffer => bytesField(field, Buffer.from(text));

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
