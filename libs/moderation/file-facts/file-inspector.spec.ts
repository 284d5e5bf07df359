import { createHash } from 'node:crypto';
import {
  animatedWebpOf,
  bmpOf,
  gifOf,
  interlacedPngOf,
  jimpOf,
  jpegOf,
  pngOf,
  resizedPngHeader,
  samplePicture,
  webpOf,
  type Bitmap,
} from '../../../test/support/image-samples.js';
import { hammingDistance } from '../image-hashes.js';
import { FileInspector } from './file-inspector.js';

const PICTURE = samplePicture(1);
const inspector = new FileInspector({ timeoutMs: 30_000 });
let png: Buffer;
beforeAll(async () => {
  png = await pngOf(PICTURE);
});
afterAll(() => inspector.close());
jest.setTimeout(120_000);

async function imageHash(bytes: Buffer): Promise<Buffer | null> {
  return (await inspector.factsOfFile(bytes, { imageHash: true })).imageHash;
}

async function distance(one: Buffer, other: Buffer): Promise<number> {
  const [first, second] = [await imageHash(one), await imageHash(other)];
  if (!first || !second) throw new Error('one of the images has no hash');
  return hammingDistance(first, second);
}

describe('the digest of an upload', () => {
  it.each([Buffer.alloc(0), Buffer.from('abc'), Buffer.alloc(100_000, 7)])(
    'is its SHA-256',
    async (bytes) => {
      const facts = await inspector.factsOfFile(bytes, { imageHash: false });
      expect(facts.sha256).toEqual(createHash('sha256').update(bytes).digest());
      expect(facts.imageHash).toBeNull();
    },
  );
});

describe('the media type of an upload', () => {
  it.each([
    [
      'a program for Windows',
      Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]),
      'application/x-msdownload',
    ],
    [
      'a program for Linux',
      Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(100)]),
      'application/x-elf',
    ],
    ['a script', Buffer.from('#!/bin/sh\necho hello'), 'application/x-sh'],
    ['a page', Buffer.from('\n <!DOCTYPE HTML><html>'), 'text/html'],
    ['a page after a byte order mark', Buffer.from('\ufeff<html>'), 'text/html'],
    ['a drawing', Buffer.from('<?xml version="1.0"?>\n<!-- x --><svg xmlns="x">'), 'image/svg+xml'],
    ['other XML', Buffer.from('<?xml version="1.0"?><a/>'), 'application/xml'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'application/pdf'],
    ['an archive', Buffer.from('504b0506000000000000000000000000000000000000', 'hex'), 'application/zip'],
    ['a text', Buffer.from('Hello, this is a text.'), null],
    ['nothing', Buffer.alloc(0), null],
    ['a broken archive', Buffer.from('504b0304ffff', 'hex'), 'application/zip'],
  ])('is known by its content: %s', async (_, bytes, mediaType) => {
    expect((await inspector.factsOfFile(bytes, { imageHash: false })).mediaType).toBe(mediaType);
  });

  it('is found in little time, whatever is in it', async () => {
    const entry = Buffer.from('504b030414000800080000000000000000000000000000000000010000004101', 'hex');
    const files = [Buffer.alloc(10_000_000, entry), Buffer.alloc(10_000_000, '< ')];
    const start = performance.now();
    for (const bytes of files) await inspector.factsOfFile(bytes, { imageHash: false });
    expect(performance.now() - start).toBeLessThan(10_000); // 80 on the machine this was written on
  });
});

describe('what an image looks like', () => {
  it.each<[string, (picture: Bitmap) => Buffer | Promise<Buffer>]>([
    ['an interlaced PNG', interlacedPngOf],
    ['JPEG', jpegOf],
    ['JPEG of low quality', (picture) => jpegOf(picture, 30)],
    ['WebP', webpOf],
    ['BMP', bmpOf],
    ['GIF', (picture) => gifOf([picture])],
    ['an animated GIF', (picture) => gifOf([picture, samplePicture(2)])],
    ['an animated WebP', (picture) => animatedWebpOf([picture, samplePicture(2)])],
  ])('is the same as %s', async (_, written) => {
    expect(await distance(png, await written(PICTURE))).toBeLessThanOrEqual(4);
  });

  it.each<[string, () => Bitmap]>([
    ['half the size', () => jimpOf(PICTURE).resize({ w: 60, h: 45 }).bitmap],
    ['three times the size', () => samplePicture(1, 360, 270)],
    ['so large that a preview is enough', () => samplePicture(1, 560, 520)],
    ['another shape', () => samplePicture(1, 160, 90)],
    ['a little brighter', () => jimpOf(PICTURE).brightness(1.1).bitmap],
    ['in grey', () => jimpOf(PICTURE).greyscale().bitmap],
    [
      'with a mark in a corner',
      () => jimpOf(PICTURE).composite(jimpOf(samplePicture(3, 10, 5)), 108, 84).bitmap,
    ],
  ])('is nearly the same in %s', async (_, changed) => {
    expect(await distance(png, await jpegOf(changed()))).toBeLessThanOrEqual(8);
  });

  it('tells pictures apart', async () => {
    const hashes: Buffer[] = [];
    for (let number = 1; number <= 20; number++) {
      const hash = await imageHash(await jpegOf(samplePicture(number, 64, 48)));
      for (const other of hashes) expect(hammingDistance(hash!, other)).toBeGreaterThan(12);
      hashes.push(hash!);
    }
  });

  it('sees what is transparent as white', async () => {
    const data = PICTURE.data.map((value, at) => (at % 4 === 3 && at < PICTURE.data.length / 2 ? 0 : value));
    const white = PICTURE.data.map((value, at) => (at < PICTURE.data.length / 2 ? 255 : value));
    expect(await distance(await pngOf({ ...PICTURE, data }), await pngOf({ ...PICTURE, data: white }))).toBe(
      0,
    );
  });

  it.each([
    ['one colour', () => pngOf({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 4).fill(200) })],
    ['no image', () => Buffer.from('hello')],
    ['nothing', () => Buffer.alloc(0)],
    ['a broken PNG', () => Buffer.from(png).fill(0xaa, 60)],
    ['half a PNG', () => png.subarray(0, 3000)],
    ['a broken WebP', async () => (await webpOf(PICTURE)).fill(0xaa, 40)],
    ['the beginning of a GIF', () => gifOf([PICTURE]).subarray(0, 400)],
    ['an image without width', async () => (await bmpOf(PICTURE)).fill(0, 18, 22)],
  ])('cannot be said of %s', async (_, written) => expect(await imageHash(await written())).toBeNull());

  it('cannot be said of any cut of an image, and never is an error', async () => {
    for (const whole of [
      await jpegOf(PICTURE),
      await webpOf(PICTURE),
      gifOf([PICTURE]),
      await bmpOf(PICTURE),
    ])
      for (const length of [1, 4, 12, 20, 26, 40])
        await expect(imageHash(whole.subarray(0, length))).resolves.toBeNull();
  });

  it('is not worked out of what is larger than it seems', async () => {
    const small = new FileInspector({ pixelsMax: 120 * 90, timeoutMs: 30_000 });
    const hashOf = async (bytes: Buffer): Promise<Buffer | null> =>
      (await small.factsOfFile(bytes, { imageHash: true })).imageHash;
    expect(await hashOf(png)).not.toBeNull();
    expect(await hashOf(await pngOf(samplePicture(1, 121, 90)))).toBeNull();
    expect(await hashOf(resizedPngHeader(png, { width: 60_000, height: 60_000 }))).toBeNull();
    expect(await hashOf(gifOf([samplePicture(1, 40, 30), samplePicture(1, 300, 300)]))).not.toBeNull();
    expect(await hashOf(gifOf([samplePicture(1, 300, 300)]).fill(1, 6, 10))).toBeNull();
    expect(await hashOf(await animatedWebpOf([samplePicture(1, 200, 200)]))).toBeNull();
    expect(await hashOf(interlacedPngOf(PICTURE))).not.toBeNull();
    expect(await hashOf(interlacedPngOf(PICTURE, 1_000_000))).toBeNull();
    await small.close();
  });
});
