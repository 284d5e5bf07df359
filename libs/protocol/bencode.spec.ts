import fc from 'fast-check';
import { decodeByteStrings, encodeByteStrings } from './bencode.js';

const decode = (text: string, partsMax = 2) =>
  decodeByteStrings(Buffer.from(text, 'latin1'), partsMax)?.map((part) => part.toString('latin1'));

describe('a bencoded list of byte strings', () => {
  it('is read as its strings', () => {
    expect(decode('l5:helloe')).toEqual(['hello']);
    expect(decode('l5:hello3:abce')).toEqual(['hello', 'abc']);
  });

  it('may hold empty strings, and bytes that look like syntax', () => {
    expect(decode('l0:e')).toEqual(['']);
    expect(decode('l2:{}0:e')).toEqual(['{}', '']);
    expect(decode('l6:3:e\0lee')).toEqual(['3:e\0le']);
  });

  it('is written as it is read', () => {
    expect(encodeByteStrings([Buffer.from('hello'), Buffer.alloc(0)]).toString()).toBe('l5:hello0:e');
  });

  it('gives views of the input, not copies', () => {
    const input = Buffer.from('l5:helloe');
    const [part] = decodeByteStrings(input, 1)!;
    input[3] = 'j'.charCodeAt(0);
    expect(part!.toString()).toBe('jello');
  });

  it('comes back as it was, whatever the bytes', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, (given) => {
        const buffers = given.map((part) => Buffer.from(part));
        expect(decodeByteStrings(encodeByteStrings(buffers), 4)).toEqual(buffers);
      }),
    );
  });
});

describe('what is no list of byte strings is refused', () => {
  it.each([
    ['nothing', ''],
    ['an empty list', 'le'],
    ['no list', '5:hello'],
    ['an end too early', 'l5:helle'],
    ['no end', 'l5:hello'],
    ['a length that lies short', 'l4:helloe'],
    ['a length that lies long', 'l6:helloe'],
    ['a length that takes the end in', 'l5:hell5:e'],
    ['a length beyond everything', 'l999999999:e'],
    ['a length of ten digits', 'l0000000005:helloe'],
    ['a length that overflows', `l${'9'.repeat(400)}:e`],
    ['a leading zero', 'l05:helloe'],
    ['a negative length', 'l-1:e'],
    ['a plus sign', 'l+5:helloe'],
    ['no length', 'l:e'],
    ['no colon', 'l5helloe'],
    ['an integer', 'li5ee'],
    ['a list in the list', 'll5:helloee'],
    ['a dictionary', 'd5:hello3:abce'],
    ['trailing bytes', 'l5:helloeX'],
    ['a second list', 'l5:helloel5:helloe'],
    ['white space', 'l 5:helloe'],
  ])('%s', (_what, text) => {
    expect(decode(text)).toBeUndefined();
  });

  it('more strings than asked for', () => {
    expect(decode('l1:a1:b1:ce')).toBeUndefined();
    expect(decode('l1:a1:b1:ce', 3)).toEqual(['a', 'b', 'c']);
  });

  it('every truncation of a good one', () => {
    const whole = encodeByteStrings([Buffer.from('{"endpoint":"/"}'), Buffer.from('body')]);
    for (let length = 0; length < whole.length; length++) {
      expect(decodeByteStrings(whole.subarray(0, length), 2)).toBeUndefined();
    }
  });

  it('what it takes, it would write the same way', () => {
    const pieces = fc.constantFrom('l', 'e', ':', '0', '1', '2', '3', 'a', 'i', '-');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (characters) => {
        const input = Buffer.from(characters.join(''));
        const parts = decodeByteStrings(input, 5);
        if (parts) expect(encodeByteStrings(parts)).toEqual(input);
      }),
      { numRuns: 500 },
    );
  });
});
