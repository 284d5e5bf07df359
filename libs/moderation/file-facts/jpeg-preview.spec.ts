import fc from 'fast-check';
import { Jimp } from 'jimp';
import { jpegOf, samplePicture } from '../../../test/support/image-samples.js';
import { blockJpeg, type BlockJpeg } from '../../../test/support/jpeg-samples.js';
import { imageJobOf } from './image-job.js';
import { jpegPreview } from './jpeg-preview.js';
import { readJpegScan } from './jpeg-segments.js';

const GREY: BlockJpeg['sampling'] = [[1, 1]];
const level = (x: number, y: number): number => (37 * x + 91 * y + 13 * x * y) % 256;
const blocks = (more: Partial<BlockJpeg> = {}): Buffer =>
  blockJpeg({ width: 75, height: 43, sampling: GREY, level, ...more });

/** Mean brightness of whole blocks, by the decoder that reads every pixel. */
async function decodedBlocks(jpeg: Buffer): Promise<number[][]> {
  const { width, height, data } = (await Jimp.fromBuffer(jpeg)).bitmap;
  return Array.from({ length: Math.floor(height / 8) }, (_, y) =>
    Array.from({ length: Math.floor(width / 8) }, (_unused, x) => {
      let sum = 0;
      for (let row = 8 * y; row < 8 * y + 8; row++)
        for (let at = 4 * (row * width + 8 * x), end = at + 32; at < end; at += 4)
          sum += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      return sum / 64;
    }),
  );
}

function previewOf(jpeg: Buffer) {
  const scan = readJpegScan(jpeg);
  if (!scan) throw new Error('there is no preview');
  return jpegPreview(scan, jpeg);
}

async function expectAsDecoded(jpeg: Buffer): Promise<void> {
  const { grey, stride } = previewOf(jpeg);
  const decoded = await decodedBlocks(jpeg);
  for (const [y, row] of decoded.entries())
    for (const [x, expected] of row.entries())
      expect(Math.abs(grey[y * stride + x]! - expected)).toBeLessThan(3);
}

describe('the preview of a JPEG', () => {
  it.each<[string, Partial<BlockJpeg>]>([
    ['in grey', {}],
    [
      'with colours',
      {
        sampling: [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'with half of the colours',
      {
        sampling: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'with a quarter of the colours',
      {
        sampling: [
          [2, 2],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'in bands',
      {
        sampling: [
          [1, 2],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'with restart marks',
      {
        sampling: [
          [2, 2],
          [1, 1],
          [1, 1],
        ],
        restartInterval: 2,
      },
    ],
    [
      'progressive',
      {
        sampling: [
          [2, 2],
          [1, 1],
          [1, 1],
        ],
        isProgressive: true,
      },
    ],
    ['progressive in grey, with restart marks', { isProgressive: true, restartInterval: 3 }],
    [
      'with a scan for each component',
      {
        sampling: [
          [2, 2],
          [1, 1],
          [1, 1],
        ],
        isApart: true,
        isProgressive: true,
      },
    ],
    ['in grey with a sampling that means nothing', { sampling: [[2, 2]] }],
    ['of whole blocks', { width: 64, height: 32 }],
    ['of one block', { width: 3, height: 5 }],
  ])('has the brightness of its blocks: %s', (_, form) => {
    const { width = 75, height = 43 } = form;
    const { grey, stride, ...size } = previewOf(blocks(form));
    expect(size).toEqual({ width: width / 8, height: height / 8 });
    const expected = Array.from({ length: Math.ceil(height / 8) }, (_unused, y) =>
      Array.from({ length: Math.ceil(width / 8) }, (_each, x) => level(x, y)),
    );
    expect(stride).toBe(Math.ceil(width / 8));
    expect([...grey]).toEqual(expected.flat());
  });

  it('agrees with a decoder of every pixel', async () => {
    for (const jpeg of [
      blocks({
        sampling: [
          [2, 2],
          [1, 1],
          [1, 1],
        ],
        restartInterval: 2,
      }),
      blocks({ isProgressive: true }),
      await jpegOf(samplePicture(1, 123, 77), 90),
      await jpegOf(samplePicture(2, 64, 64), 20),
    ])
      await expectAsDecoded(jpeg);
  });

  it.each([
    [
      'other colours',
      blocks({
        sampling: [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
        isRgb: true,
      }),
    ],
    [
      'four components',
      blocks({
        sampling: [
          [1, 1],
          [1, 1],
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    ['no size', blocks({ width: 0 })],
    ['its end before the scan', blocks().subarray(0, 60)],
    ['no JPEG', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
  ])('is not there for %s', (_, bytes) => expect(readJpegScan(bytes)).toBeUndefined());

  it('is an error where the data ends too early or is broken', () => {
    const jpeg = blocks();
    const scan = readJpegScan(jpeg)!;
    expect(() => jpegPreview(scan, jpeg.subarray(0, scan.dataAt + 10))).toThrow('ends too early');
    expect(() => jpegPreview(scan, Buffer.from(jpeg).fill(0xfe, scan.dataAt + 10))).toThrow('no code');
  });

  it('needs little time and never anything but an error, whatever the bytes', () => {
    const jpeg = blocks({
      sampling: [
        [2, 2],
        [1, 1],
        [1, 1],
      ],
      restartInterval: 2,
    });
    const change = fc.tuple(fc.nat(jpeg.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const wrong = Buffer.from(jpeg);
        for (const [at, byte] of changes) wrong[at] = byte;
        const scan = readJpegScan(wrong);
        // An image of 65 535 pixels each way is refused before (see imageJobOf).
        if (!scan || scan.width * scan.height > 1e6) return;
        try {
          expect(jpegPreview(scan, wrong).grey.length).toBeGreaterThan(0);
        } catch (error) {
          expect((error as Error).message).toMatch(/^(?:no code|the scan ends too early)$/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('how an image is decoded', () => {
  const PIXELS_MAX = 16_777_216;
  const large = (width: number, height: number): Buffer => blocks({ width, height, level: () => 100 });

  it('is by a preview for a large JPEG, by every pixel for others', () => {
    expect(imageJobOf(large(600, 600), PIXELS_MAX)).toMatchObject({
      format: 'jpeg',
      jpegScan: { width: 600 },
    });
    expect(imageJobOf(large(600, 100), PIXELS_MAX)).not.toHaveProperty('jpegScan');
  });

  it('is not at all beyond the bounds, which are wider for a preview', () => {
    expect(imageJobOf(large(600, 600), (600 * 600) / 16)).toHaveProperty('jpegScan');
    expect(imageJobOf(large(600, 600), (600 * 600) / 16 - 1)).toBeUndefined();
    expect(imageJobOf(large(600, 100), 600 * 100)).toBeDefined();
    expect(imageJobOf(large(600, 100), 600 * 100 - 1)).toBeUndefined();
    expect(imageJobOf(large(60_000, 80), PIXELS_MAX)).toBeUndefined();
  });
});
