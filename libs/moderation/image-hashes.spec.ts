import fc from 'fast-check';
import { hammingDistance, ImageHashes } from './image-hashes.js';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((each) => Buffer.from(each));

describe('the distance of two hashes', () => {
  it('is how many bits differ', () => {
    fc.assert(
      fc.property(bytes(8), fc.uniqueArray(fc.nat(63)), (hash, bits) => {
        const other = Buffer.from(hash);
        for (const bit of bits) other[bit >> 3]! ^= 1 << (bit & 7);
        expect(hammingDistance(hash, other)).toBe(bits.length);
      }),
    );
  });

  it('is not there for hashes of different lengths', () => {
    expect(() => hammingDistance(Buffer.alloc(8), Buffer.alloc(32))).toThrow(RangeError);
  });
});

describe('a list of images', () => {
  const FILE = Buffer.alloc(32, 0xab);
  const listed = new ImageHashes(
    [
      { hash: FILE.toString('hex').toUpperCase(), kind: 'sha256', note: 'poster' },
      { hash: '00000000000000ff', kind: 'perceptual' },
      { hash: 'FFFF000000000000', kind: 'perceptual', note: 'banner' },
    ],
    8,
  );

  it('has a file by its bytes alone', () => {
    expect(listed.findFile(FILE)).toEqual({ what: 'sha256', distance: 0, note: 'poster' });
    expect(listed.findFile(Buffer.alloc(32, 0xaa))).toBeUndefined();
  });

  it.each([
    ['ffff000000000000', { what: 'perceptual', distance: 0, note: 'banner' }],
    ['ffff0000000000ff', { what: 'perceptual', distance: 8, note: 'banner' }],
    ['00000000000000f0', { what: 'perceptual', distance: 4 }],
    ['0000000000000000', { what: 'perceptual', distance: 8 }],
    ['000000000000ff00', undefined],
    ['8000000080000000', undefined],
  ])('finds the nearest to %s that is near enough', (hash, match) =>
    expect(listed.findImage(Buffer.from(hash, 'hex'))).toEqual(match),
  );

  it('has no image by a hash of another kind', () =>
    expect(listed.findImage(Buffer.alloc(4))).toBeUndefined());

  it('agrees with the distance', () => {
    fc.assert(
      fc.property(
        fc.array(bytes(8), { maxLength: 10 }),
        bytes(8),
        fc.nat(32),
        (hashes, image, distanceMax) => {
          const list = new ImageHashes(
            hashes.map((hash) => ({ hash: hash.toString('hex'), kind: 'perceptual' as const })),
            distanceMax,
          );
          const nearest = Math.min(...hashes.map((hash) => hammingDistance(hash, image)));
          expect(list.findImage(image)?.distance).toBe(nearest <= distanceMax ? nearest : undefined);
        },
      ),
    );
  });
});
