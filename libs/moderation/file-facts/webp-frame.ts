const FILE_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** Position, size, duration and flags of a frame, before its chunks. */
const FRAME_HEADER_BYTES = 16;
const ALPHA_FLAG = 0x10;

/**
 * An animated WebP as the still image of its first frame, since decoders of still images refuse animations; any other
 * WebP as it is. Undefined when there is no frame in it.
 * https://developers.google.com/speed/webp/docs/riff_container
 */
export function stillWebp(bytes: Buffer): Buffer | undefined {
  if (bytes.toString('latin1', 12, 16) !== 'VP8X') return bytes;
  const frame = firstFrame(bytes);
  if (frame === undefined) return isAnimated(bytes) ? undefined : bytes;
  const chunks = frame.subarray(FRAME_HEADER_BYTES);
  if (frame.length < FRAME_HEADER_BYTES + CHUNK_HEADER_BYTES) return undefined;
  const hasAlpha = chunks.toString('latin1', 0, 4) === 'ALPH';
  const body = hasAlpha ? Buffer.concat([extendedHeader(frame), chunks]) : chunks;
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(4 + body.length, 4);
  header.write('WEBP', 8, 'latin1');
  return Buffer.concat([header, body]);
}

const isAnimated = (bytes: Buffer): boolean => ((bytes[20] ?? 0) & 0x02) !== 0;

function firstFrame(bytes: Buffer): Buffer | undefined {
  for (let at = FILE_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    const from = at + CHUNK_HEADER_BYTES;
    if (bytes.toString('latin1', at, at + 4) === 'ANMF') return bytes.subarray(from, from + length);
    at = from + length + (length % 2);
  }
  return undefined;
}

/** VP8X, for a frame with transparency: flags, three reserved bytes, width and height less one. */
function extendedHeader(frame: Buffer): Buffer {
  const chunk = Buffer.alloc(CHUNK_HEADER_BYTES + 10);
  chunk.write('VP8X', 0, 'latin1');
  chunk.writeUInt32LE(10, 4);
  chunk.writeUInt8(ALPHA_FLAG, 8);
  frame.copy(chunk, 12, 6, 12);
  return chunk;
}
