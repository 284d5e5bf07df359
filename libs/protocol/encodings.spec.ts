import fc from 'fast-check';
import { countCodePoints, decodeBase64, decodeHex, decodeHexOrBase64, encodeBase64 } from './encodings.js';

describe('base64', () => {
  it('is read padded and unpadded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        const padded = encodeBase64(bytes);
        expect(decodeBase64(padded)).toEqual(buffer);
        expect(decodeBase64(padded.replace(/=+$/, ''))).toEqual(buffer);
      }),
    );
  });

  it.each([
    ['too little padding', 'YQ='],
    ['too much padding', 'YWI=='],
    ['padding of a whole group', 'YWJj='],
    ['three padding signs', 'Y==='],
    ['padding alone', '='],
    ['two padding signs alone', '=='],
    ['padding inside', 'YQ==YQ=='],
    ['a length that no bytes have', 'YWJjZ'],
    ['the URL alphabet', '-_-_'],
    ['white space', 'YW Jj'],
    ['a line break at the end', 'YWJj\n'],
    ['other characters', 'YWJ*'],
    ['letters beyond ASCII', 'YWJé'],
  ])('is refused with %s', (_what, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  it('of nothing is nothing', () => {
    expect(decodeBase64('')).toEqual(Buffer.alloc(0));
  });

  it('never throws, and what it takes means the same to Node', () => {
    const text = fc.array(fc.constantFrom('A', 'b', '9', '+', '/', '=', '-', ' '), { maxLength: 12 });
    fc.assert(
      fc.property(text, (characters) => {
        const joined = characters.join('');
        const bytes = decodeBase64(joined);
        if (bytes) expect(bytes).toEqual(Buffer.from(joined, 'base64'));
      }),
      { numRuns: 500 },
    );
  });

  it('writes only the bytes of a view', () => {
    expect(encodeBase64(new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 3))).toBe('AQI=');
  });
});

describe('hex', () => {
  it('is read in both cases', () => {
    expect(decodeHex('00fFAb')).toEqual(Buffer.from([0, 0xff, 0xab]));
  });

  it.each(['0', '0g', 'zz', '00 ', ' 00', '0x00', '00\n'])('%j is refused', (text) => {
    expect(decodeHex(text)).toBeUndefined();
  });
});

describe('hex or base64', () => {
  const bytes = Buffer.alloc(16, 0xfb);

  it.each([
    ['hex', bytes.toString('hex')],
    ['padded base64', bytes.toString('base64')],
    ['unpadded base64', bytes.toString('base64').slice(0, 22)],
  ])('is read as %s', (_what, text) => {
    expect(decodeHexOrBase64(text, 16)).toEqual(bytes);
  });

  it.each([
    ['bytes too few', Buffer.alloc(15).toString('base64')],
    ['bytes too many', Buffer.alloc(17).toString('base64')],
    ['hex of another length', 'ab'.repeat(15)],
    ['hex with a stranger', `${'ab'.repeat(15)}zz`],
    ['padding half done', `${bytes.toString('base64').slice(0, 22)}=`],
    ['nothing', ''],
  ])('is refused with %s', (_what, text) => {
    expect(decodeHexOrBase64(text, 16)).toBeUndefined();
  });
});

describe('code points', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['🍍', 1],
    ['👩‍🚀', 3],
    ['é', 1],
  ])('%j counts %d', (text, count) => {
    expect(countCodePoints(text)).toBe(count);
  });
});
