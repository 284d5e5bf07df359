import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { Jimp } from 'jimp';

/** Images as people send them, made from numbers, and written in formats that nothing installed writes. */

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha. */
  readonly data: Uint8Array;
}

/** In Jest every look at a global is slow. */
const { exp, floor } = Math;

/** Soft blots on a gradient; another number is another picture. */
export function samplePicture(number: number, width = 120, height = 90): Bitmap {
  let state = number * 7919 + 1;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data.set([(255 * x) / width, (255 * y) / height, 128, 255], 4 * (y * width + x));
  for (let blot = 0; blot < 60; blot++)
    addBlot({ width, height, data }, [next(), next(), 0.03 + next() * 0.1], [next(), next(), next()]);
  return { width, height, data };
}

function addBlot({ width, height, data }: Bitmap, place: readonly number[], colour: readonly number[]): void {
  const [left, top, size] = place as [number, number, number];
  // Beyond three times its size nothing is left of it.
  const rows = [Math.max(0, top - 3 * size) * height, Math.min(1, top + 3 * size) * height].map(Math.floor);
  const columns = [Math.max(0, left - 3 * size) * width, Math.min(1, left + 3 * size) * width].map(
    Math.floor,
  );
  for (let y = rows[0]!; y < rows[1]!; y++)
    for (let x = columns[0]!; x < columns[1]!; x++) {
      const weight = exp(-((x / width - left) ** 2 + (y / height - top) ** 2) / size ** 2);
      const at = 4 * (y * width + x);
      for (let channel = 0; channel < 3; channel++) {
        const before = data[at + channel]!;
        data[at + channel] = before + (colour[channel]! * 255 - before) * weight;
      }
    }
}

export function jimpOf({ width, height, data }: Bitmap) {
  // Not Buffer.from, which may take a piece of a larger buffer: fromBitmap would see that whole.
  const bytes = Buffer.alloc(data.length);
  bytes.set(data);
  return Jimp.fromBitmap({ width, height, data: bytes });
}

export const pngOf = (bitmap: Bitmap): Promise<Buffer> =>
  jimpOf(bitmap).getBuffer('image/png', { deflateLevel: 1 });
export const jpegOf = (bitmap: Bitmap, quality = 80): Promise<Buffer> =>
  jimpOf(bitmap).getBuffer('image/jpeg', { quality });
export const bmpOf = (bitmap: Bitmap): Promise<Buffer> => jimpOf(bitmap).getBuffer('image/bmp');

/** First column, first row, steps between columns and rows of the seven passes (PNG, 8.1). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** With bytes that belong to no pixel at the end of its data. */
export function interlacedPngOf({ width, height, data }: Bitmap, surplusBytes = 0): Buffer {
  const rows: number[] = [];
  for (const [left, top, across, down] of ADAM7)
    for (let y = top; y < height && left < width; y += down) {
      rows.push(0); // no filter
      for (let x = left; x < width; x += across)
        rows.push(...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));
    }
  const pixels = Buffer.concat([Buffer.from(rows), Buffer.alloc(surplusBytes)]);
  return Buffer.concat([
    pngHeader({ width, height }, 1),
    pngChunk('IDAT', deflateSync(pixels)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG (with its header in the first 33 bytes) that says it is of another size. */
export const resizedPngHeader = (png: Buffer, size: { width: number; height: number }): Buffer =>
  Buffer.concat([pngHeader(size, 0), png.subarray(33)]);

function pngHeader({ width, height }: { width: number; height: number }, interlace: number): Buffer {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content.set([8, 6, 0, 0, interlace], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), pngChunk('IHDR', content)]);
}

function pngChunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), 8 + content.length);
  return chunk;
}

/** 256 greys or fewer, LZW without any compression: a clear code before the table grows. */
export function gifOf(frames: readonly Bitmap[]): Buffer {
  const [{ width, height }] = frames as [Bitmap];
  const screen = Buffer.from([...u16(width), ...u16(height), 0xf6, 0, 0]);
  const palette = Buffer.from(
    Array.from({ length: 128 }, (_, grey) => [2 * grey, 2 * grey, 2 * grey]).flat(),
  );
  return Buffer.concat([
    Buffer.from('GIF89a'),
    screen,
    palette,
    ...frames.flatMap((frame) => [
      Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0]),
      Buffer.from([0x2c, 0, 0, 0, 0, ...u16(frame.width), ...u16(frame.height), 0]),
      gifPixels(frame),
    ]),
    Buffer.of(0x3b),
  ]);
}

const GIF_BITS = 7;
const GIF_CLEAR = 128;
const GIF_END = 129;

/** Codes of eight bits: 126 of them fit before the table would need nine. */
function gifPixels({ width, height, data }: Bitmap): Buffer {
  const codes: number[] = [];
  for (let at = 0; at < width * height; at++) {
    if (at % 120 === 0) codes.push(GIF_CLEAR);
    const [red, green, blue] = data.subarray(4 * at, 4 * at + 3) as unknown as [number, number, number];
    codes.push(floor((0.299 * red + 0.587 * green + 0.114 * blue) / 2));
  }
  codes.push(GIF_END);
  const blocks: number[] = [GIF_BITS];
  for (let at = 0; at < codes.length; at += 255)
    blocks.push(Math.min(255, codes.length - at), ...codes.slice(at, at + 255));
  return Buffer.from([...blocks, 0]);
}

const u16 = (value: number): number[] => [value & 255, value >> 8];

const WEBP_ENCODER = require.resolve('@jsquash/webp/codec/enc/webp_enc_simd.wasm');

/** As much of it as is used here: the type belongs to the browser's library. */
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };

export async function webpOf({ width, height, data }: Bitmap, quality = 80): Promise<Buffer> {
  const encoder = await import('@jsquash/webp/encode.js');
  await encoder.init(new WebAssembly.Module(readFileSync(WEBP_ENCODER)) as never);
  const image = { width, height, data: new Uint8ClampedArray(data), colorSpace: 'srgb' };
  return Buffer.from(await encoder.default(image as never, { quality }));
}

/** https://developers.google.com/speed/webp/docs/riff_container */
export async function animatedWebpOf(frames: readonly Bitmap[]): Promise<Buffer> {
  const [{ width, height }] = frames as [Bitmap];
  const size = Buffer.alloc(6);
  size.writeUIntLE(width - 1, 0, 3);
  size.writeUIntLE(height - 1, 3, 3);
  const stills = await Promise.all(frames.map((frame) => webpOf(frame)));
  const anmf = stills.map((still) =>
    chunk('ANMF', Buffer.concat([Buffer.alloc(6), size, Buffer.from([100, 0, 0, 0]), imageChunks(still)])),
  );
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('VP8X', Buffer.concat([Buffer.from([0x02, 0, 0, 0]), size])),
    chunk('ANIM', Buffer.alloc(6)),
    ...anmf,
  ]);
  return chunk('RIFF', body);
}

/** Those with the image; a still with an extended header has it before them. */
function imageChunks(still: Buffer): Buffer {
  const first = still.toString('latin1', 12, 16);
  return still.subarray(first === 'VP8X' ? 30 : 12);
}

function chunk(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, 'latin1');
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}
