const LIST = 0x6c; // l
const END = 0x65; // e
const COLON = 0x3a;
const ZERO = 0x30;
const LENGTH_DIGITS_MAX = 9;

/** `l<n>:<bytes>…e` */
export function encodeByteStrings(parts: readonly Buffer[]): Buffer {
  const pieces: Buffer[] = [Buffer.from('l')];
  for (const part of parts) pieces.push(Buffer.from(`${part.length}:`), part);
  pieces.push(Buffer.from('e'));
  return Buffer.concat(pieces);
}

/**
 * Reads a bencoded list of byte strings (all that onion requests v4 use, protocol.md §10).
 * Undefined unless the input is exactly one such list with 1…`partsMax` strings: lengths that lie, leading
 * zeros, other bencode types and trailing bytes are refused. The parts are views of the input, not copies.
 */
export function decodeByteStrings(input: Buffer, partsMax: number): Buffer[] | undefined {
  if (input.length < 2 || input[0] !== LIST || input[input.length - 1] !== END) return undefined;
  const last = input.length - 1;
  const parts: Buffer[] = [];
  let at = 1;
  while (at < last) {
    const string = readByteString(input, at, last);
    if (!string || parts.length === partsMax) return undefined;
    parts.push(string);
    at = string.byteOffset - input.byteOffset + string.length;
  }
  return parts.length > 0 ? parts : undefined;
}

function readByteString(input: Buffer, start: number, end: number): Buffer | undefined {
  let length = 0;
  let at = start;
  while (at < end && input[at] !== COLON) {
    const digit = input[at]! - ZERO;
    if (digit < 0 || digit > 9 || at - start >= LENGTH_DIGITS_MAX) return undefined;
    length = length * 10 + digit;
    at++;
  }
  const digits = at - start;
  if (at >= end || digits === 0 || (digits > 1 && input[start] === ZERO)) return undefined;
  const from = at + 1;
  return from + length <= end ? input.subarray(from, from + length) : undefined;
}
