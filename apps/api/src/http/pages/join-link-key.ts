const BASE32Z = 'ybndrfg8ejkmcpqxot1uwisza345h769';
const BASE32_BITS = 5n;

/**
 * Whether the `public_key` of a join link means this key, in any of the spellings that clients take
 * (clients.md, "Join links"): hex, base64 with or without padding, base32z.
 */
export function isKeyOfLink(text: string, publicKey: Buffer): boolean {
  const base64 = publicKey.toString('base64');
  // A bare + is a space in a query.
  const asTyped = text.replaceAll(' ', '+');
  return (
    asTyped.toLowerCase() === publicKey.toString('hex') ||
    asTyped === base64 ||
    asTyped === base64.replace(/=+$/, '') ||
    asTyped === base32z(publicKey)
  );
}

function base32z(bytes: Buffer): string {
  const length = Math.ceil((bytes.length * 8) / 5);
  const spareBits = BigInt(length * 5 - bytes.length * 8);
  let rest = BigInt(`0x${bytes.toString('hex')}`) << spareBits;
  let text = '';
  for (let count = 0; count < length; count++) {
    text = BASE32Z[Number(rest & 31n)]! + text;
    rest >>= BASE32_BITS;
  }
  return text;
}
