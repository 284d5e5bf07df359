/** Message data as stored: without the padding, and how long it was with it. */
export interface StoredData {
  data: Buffer;
  /** Length in bytes including the padding. */
  size: number;
}

/**
 * Takes Session's padding (`0x80`, then zeros to the end) off. Data that does not end that way is kept whole,
 * so that {@link restorePadding} gives back byte for byte what was posted (protocol.md §4).
 */
export function removePadding(posted: Buffer): StoredData {
  let last = posted.length - 1;
  while (last >= 0 && posted[last] === 0) last--;
  const padded = last >= 0 && posted[last] === 0x80;
  return { data: padded ? posted.subarray(0, last) : posted, size: posted.length };
}

/** The exact bytes that were posted. */
export function restorePadding({ data, size }: StoredData): Buffer {
  if (data.length >= size) return data;
  const posted = Buffer.alloc(size);
  data.copy(posted);
  posted[data.length] = 0x80;
  return posted;
}

/** Clients fill messages up to a multiple of this, so that lengths say little. */
const PADDED_TO = 160;

/** A message of our own with padding as clients give it. */
export function addPadding(data: Buffer): Buffer {
  return restorePadding({ data, size: Math.ceil((data.length + 1) / PADDED_TO) * PADDED_TO });
}
