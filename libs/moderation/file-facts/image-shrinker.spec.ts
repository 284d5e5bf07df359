import { pngOf, samplePicture } from '../../../test/support/image-samples.js';
import { until } from '../../../test/support/until.js';
import { ImageShrinker, type ImageShrinkerOptions } from './image-shrinker.js';

jest.setTimeout(120_000);

let png: Buffer;
beforeAll(async () => {
  png = await pngOf(samplePicture(1, 40, 30));
});

const opened: ImageShrinker[] = [];
function open(options: Partial<ImageShrinkerOptions> = {}): ImageShrinker {
  const shrinker = new ImageShrinker({ timeoutMs: 30_000, ...options });
  opened.push(shrinker);
  return shrinker;
}
afterEach(() => Promise.all(opened.splice(0).map((shrinker) => shrinker.close())));

const untilEnded = (shrinker: ImageShrinker): Promise<void> => until(() => !shrinker.isRunning);

describe('the thread for images', () => {
  it('starts with the first image, and not for what is none', async () => {
    const shrinker = open();
    expect(shrinker.isRunning).toBe(false);
    expect(await shrinker.shrink(Buffer.from('no image'))).toBeNull();
    expect(shrinker.isRunning).toBe(false);
    expect(await shrinker.shrink(png)).toHaveLength(32 * 32);
    expect(shrinker.isRunning).toBe(true);
  });

  it('takes one image after the other, and answers each with its own', async () => {
    const shrinker = open();
    const pictures = await Promise.all([1, 2, 3, 4].map((number) => pngOf(samplePicture(number, 40, 30))));
    const together = await Promise.all(pictures.map((picture) => shrinker.shrink(picture)));
    expect(new Set(together.map((thumbnail) => Buffer.from(thumbnail!).toString('hex'))).size).toBe(4);
    expect(await shrinker.shrink(pictures[2]!)).toEqual(together[2]);
  });

  it('leaves the bytes that it was given as they are', async () => {
    const within = Buffer.concat([Buffer.alloc(10, 1), png, Buffer.alloc(10, 1)]);
    expect(await open().shrink(within.subarray(10, 10 + png.length))).toHaveLength(32 * 32);
    expect(within.subarray(10, 10 + png.length)).toEqual(png);
  });

  it('ends when there was nothing to do for a while, and starts again', async () => {
    const shrinker = open({ idleMs: 20 });
    await shrinker.shrink(png);
    await untilEnded(shrinker);
    expect(await shrinker.shrink(png)).toHaveLength(32 * 32);
  });

  it('is ended when an image takes too long, and the images behind it get another', async () => {
    const shrinker = open({ timeoutMs: 1 });
    expect(await Promise.all([1, 2, 3].map(() => shrinker.shrink(png)))).toEqual([null, null, null]);
    await untilEnded(shrinker);
  });

  it('takes no more memory than it may', async () => {
    const shrinker = open({ heapMegabytesMax: 8 });
    expect(await Promise.all([1, 2].map(() => shrinker.shrink(png)))).toEqual([null, null]);
    await untilEnded(shrinker);
  });

  it('has a short queue', async () => {
    const shrinker = open({ queueMax: 2 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => shrinker.shrink(png)));
    expect(answers.map((thumbnail) => thumbnail !== null)).toEqual([true, true, true, false, false]);
  });

  it('is gone after close, with all that waits', async () => {
    const shrinker = open();
    const waiting = Promise.all([1, 2, 3].map(() => shrinker.shrink(png)));
    await shrinker.close();
    expect(await waiting).toEqual([null, null, null]);
    expect(shrinker.isRunning).toBe(false);
    expect(await shrinker.shrink(png)).toBeNull();
    expect(shrinker.isRunning).toBe(false);
    await shrinker.close();
  });
});
