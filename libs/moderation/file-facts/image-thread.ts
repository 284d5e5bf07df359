/**
 * The thread that decodes images: what it reads are strangers' bytes, so it may run out of memory or time and is
 * ended from outside then. It imports nothing of ours, so that Node runs this file as it is, in tests too.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { inflateSync } from 'node:zlib';
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js';
import { defaultFormats } from 'jimp';
import type { ImageThreadData, ImageThreadJob } from './image-shrinker.js';

interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

interface Decoder {
  readonly mime: string;
  decode(data: Buffer, options?: object): Bitmap | Promise<Bitmap>;
}

/** As much of it as is used here: it belongs to no library of TypeScript's but the browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: unknown) => { readonly exports: object };
};

const { edge, pixelsMax, webpDecoder } = workerData as ImageThreadData;
const MEGA = 1_000_000;
const PNG_SIGNATURE_BYTES = 8;
const PNG_INTERLACE_AT = 28;
/** Four channels of 16 bits, a filter byte a row in each of seven passes. */
const PNG_BYTES_PER_PIXEL_MAX = 16;

const decoders = new Map(
  defaultFormats.map((format) => format() as Decoder).map((decoder) => [decoder.mime, decoder]),
);
let webpReady: Promise<void> | undefined;

parentPort!.on('message', (job: ImageThreadJob) => {
  void decode(job).then(
    (bitmap) => parentPort!.postMessage(shrink(bitmap)),
    () => parentPort!.postMessage(null),
  );
});

async function decode({ format, bytes }: ImageThreadJob): Promise<Bitmap> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'webp') {
    await (webpReady ??= loadWebp());
    return decodeWebp(bytes.buffer as ArrayBuffer);
  }
  if (format === 'png') checkPngData(buffer);
  const limits = { maxResolutionInMP: pixelsMax / MEGA, maxMemoryUsageInMB: (64 * pixelsMax) / MEGA };
  return decoders.get(`image/${format}`)!.decode(buffer, format === 'jpeg' ? limits : {});
}

/** The package itself would fetch its decoder over HTTP. */
function loadWebp(): Promise<void> {
  const module = new WebAssembly.Module(readFileSync(webpDecoder));
  return initWebp({
    instantiateWasm: (imports: unknown, done: (instance: object) => void) => {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
  });
}

/** Interlaced ones are inflated without a bound by the decoder: throws when more is in them than the image needs. */
function checkPngData(bytes: Buffer): void {
  if (bytes[PNG_INTERLACE_AT] !== 1) return;
  const data: Buffer[] = [];
  for (let at = PNG_SIGNATURE_BYTES; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  inflateSync(Buffer.concat(data), { maxOutputLength: PNG_BYTES_PER_PIXEL_MAX * pixelsMax });
}

/** Averages over areas, in grey, on white. */
function shrink({ width, height, data }: Bitmap): Uint8Array {
  const thumbnail = new Uint8Array(edge * edge);
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < edge; x++) {
      const area = {
        left: Math.floor((x * width) / edge),
        right: Math.ceil(((x + 1) * width) / edge),
        top: Math.floor((y * height) / edge),
        bottom: Math.ceil(((y + 1) * height) / edge),
      };
      thumbnail[y * edge + x] = meanGrey({ width, height, data }, area);
    }
  return thumbnail;
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** ITU-R BT.601 luma. */
function meanGrey({ width, data }: Bitmap, { left, right, top, bottom }: Area): number {
  let sum = 0;
  for (let y = top; y < bottom; y++)
    for (let at = 4 * (y * width + left), end = 4 * (y * width + right); at < end; at += 4) {
      const grey = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      sum += 255 + ((grey - 255) * data[at + 3]!) / 255;
    }
  return Math.round(sum / ((right - left) * (bottom - top)));
}
