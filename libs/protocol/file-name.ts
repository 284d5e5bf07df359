import { isUtf8 } from 'node:buffer';
import contentDisposition from 'content-disposition';

const REPLACED = /[\0/]/g;
const BEYOND_LATIN_1 = /[^ -\u00ff]/; // control characters, too, which do no harm here
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

/**
 * The name in the Content-Disposition of an upload. Undefined for a file without one, and for a disposition that
 * cannot be parsed. Inside an onion the header is text and may have any character in a plain `filename`, which no HTTP
 * header could carry and the parser does not know: there its bytes as UTF-8 stand for it meanwhile.
 */
export function givenFileName(disposition: string | undefined): string | undefined {
  if (disposition === undefined) return undefined;
  const isWide = BEYOND_LATIN_1.test(disposition);
  try {
    const carried = isWide ? Buffer.from(disposition).toString('latin1') : disposition;
    const name = contentDisposition.parse(carried).parameters['filename'];
    return name !== undefined && isWide ? fromCarried(name) : name;
  } catch {
    return undefined;
  }
}

/** A `filename*` was decoded already, to what is rarely bytes of UTF-8 as well. */
function fromCarried(name: string): string {
  if (BEYOND_LATIN_1.test(name)) return name;
  const bytes = Buffer.from(name, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : name;
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
