/** What a field holds: a number for varints, the bytes for length-delimited ones. Fixed-width fields are passed over. */
export type ProtobufValue = number | Buffer;

const VARINT_BYTES_MAX = 10;
const TAG_MAX = 0xffff_ffff;
/** Groups in groups: the bound that Google's readers have for any nesting. */
const GROUP_DEPTH_MAX = 100;

/**
 * Reads the fields of one protobuf message in wire order and hands each to `visit`; fields inside groups are passed
 * over. Varints above 2^53 lose precision: check with `Number.isSafeInteger`. False when the bytes are no protobuf
 * message, and then what was visited before means nothing. Never throws, needs time linear in the length.
 * https://protobuf.dev/programming-guides/encoding/
 */
export function readProtobuf(bytes: Buffer, visit: (field: number, value: ProtobufValue) => void): boolean {
  const cursor: Cursor = { bytes, at: 0 };
  const groups: number[] = [];
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor);
    if (tag === undefined || tag > TAG_MAX || tag < 8) return false;
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 3) {
      if (groups.push(field) > GROUP_DEPTH_MAX) return false;
    } else if (wireType === 4) {
      if (groups.pop() !== field) return false;
    } else {
      const value = readValue(cursor, wireType);
      if (value === undefined) return false;
      if (value !== PASSED_OVER && groups.length === 0) visit(field, value);
    }
  }
  return groups.length === 0;
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

const PASSED_OVER = Symbol('a field of fixed width');

function readValue(cursor: Cursor, wireType: number): ProtobufValue | typeof PASSED_OVER | undefined {
  switch (wireType) {
    case 0:
      return readVarint(cursor);
    case 1:
      return take(cursor, 8) && PASSED_OVER;
    case 2: {
      const length = readVarint(cursor);
      return length === undefined ? undefined : take(cursor, length);
    }
    case 5:
      return take(cursor, 4) && PASSED_OVER;
    default:
      return undefined;
  }
}

function take(cursor: Cursor, length: number): Buffer | undefined {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) return undefined;
  const taken = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return taken;
}

function readVarint(cursor: Cursor): number | undefined {
  let value = 0;
  let factor = 1;
  for (let count = 0; count < VARINT_BYTES_MAX; count++) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) return undefined;
    cursor.at++;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 128;
  }
  return undefined;
}
