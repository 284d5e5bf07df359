const REPLACED = /[\0/]/g;
/** All that stands as it is in a `filename*` (protocol.md §8). */
const KEPT = /[A-Za-z0-9_.~-]/;

/** A name as it is kept: NUL and `/` become U+FFFD, and it is cut at a code point to `bytesMax` bytes of UTF-8. */
export function storedFileName(name: string, bytesMax: number): string {
  const wellFormed = Buffer.from(name).toString(); // lone surrogates become U+FFFD too
  const clean = wellFormed.replace(REPLACED, '\ufffd');
  let cut = '';
  let bytes = 0;
  for (const character of clean) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    cut += character;
  }
  return cut;
}

/** The Content-Disposition of a download; `null` for a file without a name. */
export function attachmentDisposition(name: string | null): string {
  if (name === null || name === '') return 'attachment';
  let encoded = '';
  for (const byte of Buffer.from(name)) {
    const character = String.fromCharCode(byte);
    encoded += KEPT.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return `attachment; filename*=UTF-8''${encoded}`;
}
