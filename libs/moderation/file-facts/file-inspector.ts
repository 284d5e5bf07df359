import { fileTypeFromBuffer } from 'file-type';
import { sha256 } from '../digest.js';
import { mediaTypeOf } from '../media-types.js';
import { ImageShrinker, type ImageShrinkerOptions } from './image-shrinker.js';
import { perceptualHash } from './perceptual-hash.js';

/** What rules ask about an upload. */
export interface FileFacts {
  /** 32 bytes. */
  readonly sha256: Buffer;
  /** By its content; null if it has no mark that is known. */
  readonly mediaType: string | null;
  /** 8 bytes, see `perceptualHash`; null for what is no image, or none that can be decoded within the bounds. */
  readonly imageHash: Buffer | null;
}

/** All marks stand near the beginning; archives are looked through for what kind they are of. */
const SNIFFED_BYTES_MAX = 1024 * 1024;

/** Looks into uploads. Its owner closes it at the end. */
export class FileInspector {
  private readonly shrinker: ImageShrinker;

  constructor(options: Partial<ImageShrinkerOptions> = {}) {
    this.shrinker = new ImageShrinker(options);
  }

  /** Never throws because of what is in the file. With `imageHash`, images are decoded, which may take a few seconds. */
  async factsOfFile(bytes: Buffer, { imageHash }: { imageHash: boolean }): Promise<FileFacts> {
    const mediaType = await mediaTypeByContent(bytes);
    const thumbnail = imageHash ? await this.shrinker.shrink(bytes) : null;
    return { sha256: sha256(bytes), mediaType, imageHash: thumbnail && perceptualHash(thumbnail) };
  }

  close(): Promise<void> {
    return this.shrinker.close();
  }
}

/** Texts have no marks but these, behind white space at most. */
const TEXT_MARKS: readonly (readonly [RegExp, string])[] = [
  [/^#!/, 'application/x-sh'],
  [/^\s{0,512}<(?:!doctype html|html|head|body|script)\b/i, 'text/html'],
  [
    /^\s{0,512}(?:<\?xml[^>]{0,512}>\s{0,512})?(?:<!--[^>]{0,512}-->\s{0,512})?(?:<!doctype svg|<svg)\b/i,
    'image/svg+xml',
  ],
];
const TEXT_SNIFFED_BYTES = 2048;

async function mediaTypeByContent(bytes: Buffer): Promise<string | null> {
  const start = bytes.toString('latin1', 0, TEXT_SNIFFED_BYTES).replace(/^\xef\xbb\xbf/, '');
  const text = TEXT_MARKS.find(([mark]) => mark.test(start));
  if (text) return text[1];
  try {
    const found = await fileTypeFromBuffer(bytes.subarray(0, SNIFFED_BYTES_MAX));
    return found ? mediaTypeOf(found.mime) : null;
  } catch {
    return null; // a broken file of whatever kind
  }
}
