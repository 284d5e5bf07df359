/** A message that the server itself writes. */
export interface WritableContent {
  body: string;
  /** Unix milliseconds, a whole number. */
  timestampMs: number;
  displayName: string;
}

/** Keys of the fields that `content.ts` reads: field number · 8 + wire type (0 varint, 2 length-delimited). */
const CONTENT_DATA_MESSAGE = 1 * 8 + 2;
const DATA_MESSAGE_BODY = 1 * 8 + 2;
const DATA_MESSAGE_TIMESTAMP = 7 * 8;
const DATA_MESSAGE_PROFILE = 101 * 8 + 2;
const PROFILE_DISPLAY_NAME = 1 * 8 + 2;

/** The protobuf `Content` of a message, without padding; fields in the order of their numbers, as protobuf writers do. */
export function writeContent({ body, timestampMs, displayName }: WritableContent): Buffer {
  const profile = bytes(PROFILE_DISPLAY_NAME, Buffer.from(displayName));
  const dataMessage = Buffer.concat([
    bytes(DATA_MESSAGE_BODY, Buffer.from(body)),
    varint(DATA_MESSAGE_TIMESTAMP),
    varint(timestampMs),
    bytes(DATA_MESSAGE_PROFILE, profile),
  ]);
  return bytes(CONTENT_DATA_MESSAGE, dataMessage);
}

const bytes = (key: number, value: Buffer): Buffer =>
  Buffer.concat([varint(key), varint(value.length), value]);

/** Beyond 32 bits too, so by division. Throws RangeError for what is no natural number below 2^53. */
function varint(value: number): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no natural number`);
  const written: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) written.push((rest % 0x80) | 0x80);
  return Buffer.from([...written, rest]);
}
