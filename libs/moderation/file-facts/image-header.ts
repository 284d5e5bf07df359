/** What can be known of an image before it is decoded, so that a small file with a huge image is not. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** In pixels; of an animation, the larger of the whole and its first frame. */
  readonly width: number;
  readonly height: number;
}

export type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'bmp';

/** Undefined for what is no image of a format that is known here, or ends before its size. Never throws. */
export function readImageHeader(bytes: Buffer): ImageHeader | undefined {
  const read = READERS.find(({ isOne }) => isOne(bytes));
  if (!read) return undefined;
  try {
    const size = read.sizeOf(bytes);
    return size && size.width > 0 && size.height > 0 ? { format: read.format, ...size } : undefined;
  } catch (error) {
    if (isBeyondEnd(error)) return undefined;
    throw error;
  }
}

/** What Buffer's methods throw where there is nothing to read. */
export const isBeyondEnd = (error: unknown): boolean =>
  ['ERR_OUT_OF_RANGE', 'ERR_BUFFER_OUT_OF_BOUNDS'].includes((error as NodeJS.ErrnoException).code ?? '');

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Reader {
  readonly format: ImageFormat;
  isOne(bytes: Buffer): boolean;
  /** May read beyond the end. */
  sizeOf(bytes: Buffer): Size | undefined;
}

const startsWith = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.toString('latin1', at, at + text.length) === text;

const READERS: readonly Reader[] = [
  { format: 'png', isOne: (bytes) => startsWith(bytes, '\x89PNG\r\n\x1a\n'), sizeOf: pngSize },
  { format: 'jpeg', isOne: (bytes) => startsWith(bytes, '\xff\xd8\xff'), sizeOf: jpegSize },
  { format: 'gif', isOne: (bytes) => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)), sizeOf: gifSize },
  {
    format: 'webp',
    isOne: (bytes) => startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8),
    sizeOf: webpSize,
  },
  { format: 'bmp', isOne: (bytes) => startsWith(bytes, 'BM'), sizeOf: bmpSize },
];

/** https://www.w3.org/TR/png-3/ : IHDR comes first. */
function pngSize(bytes: Buffer): Size | undefined {
  if (!startsWith(bytes, 'IHDR', 12)) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** ITU T.81, B.2.2: the frame header, after any number of other segments. */
function jpegSize(bytes: Buffer): Size | undefined {
  let at = 2;
  for (;;) {
    if (bytes.readUInt8(at) !== 0xff) return undefined;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) at++;
    else if (isFrameHeader(marker))
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    else if (marker === 0xda || marker === 0xd9) return undefined;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
}

const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** https://www.w3.org/Graphics/GIF/spec-gif89a.txt : the screen, and the first frame, which may be larger. */
function gifSize(bytes: Buffer): Size | undefined {
  const screen = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  const flags = bytes.readUInt8(10);
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (bytes.readUInt8(at) === 0x21) {
    at += 2;
    while (bytes.readUInt8(at) !== 0) at += 1 + bytes.readUInt8(at);
    at++;
  }
  if (bytes.readUInt8(at) !== 0x2c) return undefined;
  return {
    width: Math.max(screen.width, bytes.readUInt16LE(at + 5)),
    height: Math.max(screen.height, bytes.readUInt16LE(at + 7)),
  };
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function webpSize(bytes: Buffer): Size | undefined {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const packed = bytes.readUInt32LE(21);
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

const BMP_CORE_HEADER_BYTES = 12;

function bmpSize(bytes: Buffer): Size {
  if (bytes.readUInt32LE(14) === BMP_CORE_HEADER_BYTES)
    return { width: bytes.readUInt16LE(18), height: bytes.readUInt16LE(20) };
  // A negative height means that the first row is on top.
  return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) };
}
