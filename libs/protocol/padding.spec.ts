import fc from 'fast-check';
import { hexBytes, readVectors } from '../../test/support/vectors.js';
import { removePadding, restorePadding } from './padding.js';

describe('message padding', () => {
  it.each(readVectors('padding').cases)('vector: $what', ({ posted, stored, size }) => {
    const given = hexBytes(posted);
    expect(removePadding(given)).toEqual({ data: hexBytes(stored), size });
    expect(restorePadding({ data: hexBytes(stored), size })).toEqual(given);
  });

  it('gives back byte for byte what was posted', () => {
    const likelyBytes = fc.array(fc.constantFrom(0, 0x80, 1, 0xff), { maxLength: 40 });
    fc.assert(
      fc.property(likelyBytes, (bytes) => {
        const posted = Buffer.from(bytes);
        expect(restorePadding(removePadding(posted))).toEqual(posted);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps data that does not end in 0x80 and zeros whole', () => {
    const posted = Buffer.from([0x80, 1, 0, 0]);
    expect(removePadding(posted)).toEqual({ data: posted, size: 4 });
  });

  it('takes one layer off, not two', () => {
    const twice = Buffer.from([1, 0x80, 0x80, 0]);
    expect(removePadding(twice).data).toEqual(Buffer.from([1, 0x80]));
  });
});
