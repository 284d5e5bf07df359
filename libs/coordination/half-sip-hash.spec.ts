import { halfSipHash13 } from './half-sip-hash.js';

const words = (bytes: number[]): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer);
const repeat = (byte: number): number[] => Array.from({ length: 16 }, () => byte);

describe('HalfSipHash-1-3', () => {
  // From the authors' C code compiled with cROUNDS 1 and dROUNDS 3 (its own vectors are for 2-4 only).
  it.each([
    ['bytes 0…15 under key bytes 0…7', 0x03020100, 0x07060504, [...Array(16).keys()], 0x8b31d501],
    ['zeros under zeros', 0, 0, repeat(0), 0xd1d8b8bd],
    ['ones under ones', 0xffffffff, 0xffffffff, repeat(255), 0x5c69fbed],
    ['zeros under ones', 0xffffffff, 0xffffffff, repeat(0), 0xa6dbc20d],
  ])('agrees with the reference code on %s', (_, key0, key1, bytes, expected) => {
    expect(halfSipHash13(key0, key1, words(bytes))).toBe(expected);
  });

  it('differs under another key', () => {
    expect(halfSipHash13(1, 0, words(repeat(0)))).not.toBe(halfSipHash13(0, 0, words(repeat(0))));
  });
});
