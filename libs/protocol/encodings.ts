const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Strict hex of any even length; undefined otherwise. */
export function decodeHex(text: string): Buffer | undefined {
  return HEX.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/**
 * Strict standard base64, padded or unpadded. Undefined for any other character, for wrong padding, and for a
 * length that no byte string has (protocol.md §2, "Base64 padding rules").
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const unpadded = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  if (unpadded % 4 === 1) return undefined;
  if (unpadded !== text.length && text.length % 4 !== 0) return undefined;
  return Buffer.from(text, 'base64');
}

/** `size` bytes from hex (2 × size digits) or base64, whichever the length says; undefined for anything else. */
export function decodeHexOrBase64(text: string, size: number): Buffer | undefined {
  const bytes = text.length === size * 2 ? decodeHex(text) : decodeBase64(text);
  return bytes?.length === size ? bytes : undefined;
}

export const encodeBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Number of Unicode code points (not UTF-16 units). */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
