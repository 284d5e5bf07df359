import { hexBytes, readVectors } from '../../test/support/vectors.js';
import { selectCryptoBackend } from '../crypto/select-backend.js';
import type { BlindedId, UnblindedId } from '../protocol/ids.js';
import { absoluteOf, blindedPairOf, blindingFactor, unblindedIdOf } from './blinding.js';

const crypto = selectCryptoBackend('sodium');
const k = blindingFactor(crypto, hexBytes(readVectors('blinding').servers[0]!.public));

describe('the absolute id', () => {
  it.each([
    ['00', '00'],
    ['7f', '7f'],
    ['80', '00'],
    ['9a', '1a'],
    ['ff', '7f'],
  ])('ends in %s → %s and is the same otherwise', (last, absolute) => {
    const start = `15${'ab'.repeat(31)}`;
    expect(absoluteOf((start + last) as BlindedId)).toBe(start + absolute);
  });
});

describe('a 05 id that is no account', () => {
  it.each([
    ['u = 0', '00'.repeat(32)],
    ['u = -1', `ec${'ff'.repeat(30)}7f`],
    ['not canonical', `f6${'ff'.repeat(30)}7f`],
    ['on the twist', `02${'00'.repeat(31)}`],
    ['the top bit set', `09${'00'.repeat(30)}80`],
  ])('has no blinded ids: %s', (_what, key) => {
    expect(blindedPairOf(crypto, k, `05${key}` as UnblindedId)).toBeUndefined();
  });
});

describe('a 00 key', () => {
  it('that is not a valid point has no 05 id', () => {
    for (const { public_key, point_valid } of readVectors('ed25519-edge').public_keys) {
      expect(unblindedIdOf(crypto, hexBytes(public_key)) !== undefined).toBe(point_valid);
    }
  });
});
