/**
 * The thread that decodes images: what it reads are strangers' bytes, so it may run out of memory or time and is
 * ended from outside then. It imports nothing of ours, so that Node runs this file as it is, in tests too.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { inflateSync } from 'node:zlib';
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js';
import { defaultFormats } from 'jimp';
import type { ImageJob } from './image-job.js';
import type { ImageThreadData } from './image-shrinker.js';
import type { JpegPreview } from './jpeg-preview.js';

interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

type GreyImage = JpegPreview;

interface Decoder {
  readonly mime: string;
  decode(data: Buffer, options?: object): Bitmap | Promise<Bitmap>;
}

/** As much of it as is used here: it belongs to no library of TypeScript's but the browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: unknown) => { readonly exports: object };
};

const { edge, pixelsMax, webpDecoder, jpegPreviewModule } = workerData as ImageThreadData;
const MEGA = 1_000_000;
const PNG_SIGNATURE_BYTES = 8;
const PNG_INTERLACE_AT = 28;
/** Four channels of 16 bits, a filter byte a row in each of seven passes. */
const PNG_BYTES_PER_PIXEL_MAX = 16;

const decoders = new Map(
  defaultFormats.map((format) => format() as Decoder).map((decoder) => [decoder.mime, decoder]),
);
/** Decoders complain about images in words of their own, without end. */
for (const method of ['log', 'info', 'warn', 'error'] as const) console[method] = () => undefined;

let webpReady: Promise<void> | undefined;

parentPort!.on('message', (job: ImageJob) => {
  void greyImageOf(job).then(
    (image) => parentPort!.postMessage(shrink(image)),
    () => parentPort!.postMessage(null),
  );
});

async function greyImageOf(job: ImageJob): Promise<GreyImage> {
  if (!job.jpegScan) return greyImage(await decode(job));
  const { jpegPreview }: typeof import('./jpeg-preview.js') = await import(jpegPreviewModule);
  return jpegPreview(job.jpegScan, bufferOf(job.bytes));
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

async function decode({ format, bytes }: ImageJob): Promise<Bitmap> {
  const buffer = bufferOf(bytes);
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

/** ITU-R BT.601 luma, on white. */
function greyImage({ width, height, data }: Bitmap): GreyImage {
  const grey = new Uint8Array(width * height);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const at = 4 * pixel;
    const level = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    grey[pixel] = 255.5 + ((level - 255) * data[at + 3]!) / 255;
  }
  return { grey, stride: width, width, height };
}

/** Averages over areas. */
function shrink(image: GreyImage): Uint8Array {
  const [across, down] = [image.width / edge, image.height / edge];
  const thumbnail = new Uint8Array(edge * edge);
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < edge; x++) {
      const [left, right] = [Math.floor(x * across), Math.ceil((x + 1) * across)];
      const [top, bottom] = [Math.floor(y * down), Math.ceil((y + 1) * down)];
      let sum = 0;
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) sum += image.grey[row * image.stride + column]!;
      thumbnail[y * edge + x] = Math.round(sum / ((right - left) * (bottom - top)));
    }
  return thumbnail;
}
