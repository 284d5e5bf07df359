/** Throws RangeError unless there are exactly `length` bytes: our own mistake, never a stranger's. */
export function assertByteLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${what} is ${bytes.length} bytes, not ${length}`);
}

/** Sizes both back ends can do: libsodium has no BLAKE2b below 16 bytes. */
export function assertHashSize(size: number): void {
  if (!Number.isInteger(size) || size < 16 || size > 64) throw new RangeError(`No BLAKE2b of ${size} bytes`);
}

/** BLAKE2b keys, as RFC 7693 has them; no key at all is another function's business. */
export function assertHashKey(key: Uint8Array): void {
  if (key.length < 1 || key.length > 64) throw new RangeError(`No BLAKE2b key of ${key.length} bytes`);
}
