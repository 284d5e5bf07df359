import { readImageHeader, type ImageFormat } from './image-header.js';
import { readJpegScan, type JpegScan } from './jpeg-segments.js';
import { stillWebp } from './webp-frame.js';

/** One image, for the thread that decodes them. It answers with a thumbnail, or null. */
export interface ImageJob {
  readonly format: ImageFormat;
  readonly bytes: Uint8Array;
  /** Of a JPEG that is so large that a preview of it will do. */
  readonly jpegScan?: JpegScan;
}

/** From here on every pixel of a thumbnail is more than one block of a JPEG. */
const PREVIEW_EDGE_MIN = 512;
/** A preview has one pixel for 64, and takes a fraction of the time. */
const PREVIEW_PIXELS_FACTOR = 16;
/** Decoded as a whole, a JPEG needs about 30 bytes for a pixel. */
const WHOLE_JPEG_PIXELS_MAX = 4_194_304;

/** How to decode an image; undefined for what is none, or has more than `pixelsMax` pixels. Never throws. */
export function imageJobOf(bytes: Buffer, pixelsMax: number): ImageJob | undefined {
  const header = readImageHeader(bytes);
  if (!header) return undefined;
  const { format } = header;
  if (format === 'jpeg') return jpegJob(bytes, { ...header, pixelsMax });
  if (header.width * header.height > pixelsMax) return undefined;
  if (format !== 'webp') return { format, bytes };
  const still = stillWebp(bytes);
  const frame = still && readImageHeader(still);
  return still && frame && frame.width * frame.height <= pixelsMax ? { format, bytes: still } : undefined;
}

function jpegJob(
  bytes: Buffer,
  { width, height, pixelsMax }: { width: number; height: number; pixelsMax: number },
): ImageJob | undefined {
  const isLarge = Math.min(width, height) >= PREVIEW_EDGE_MIN;
  const jpegScan = isLarge ? readJpegScan(bytes) : undefined;
  if (jpegScan && jpegScan.width * jpegScan.height <= PREVIEW_PIXELS_FACTOR * pixelsMax)
    return { format: 'jpeg', bytes, jpegScan };
  return width * height <= Math.min(pixelsMax, WHOLE_JPEG_PIXELS_MAX) ? { format: 'jpeg', bytes } : undefined;
}
