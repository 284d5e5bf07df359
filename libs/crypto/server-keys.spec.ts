import { selectCryptoBackend } from './select-backend.js';
import { serverKeysOf } from './server-keys.js';

const crypto = selectCryptoBackend('sodium');

describe('the server keys', () => {
  it('keep their own copy of the secret', () => {
    const file = Buffer.alloc(32, 3);
    const keys = serverKeysOf(crypto, file);
    file.fill(0);
    expect(keys.privateKey).toEqual(Buffer.alloc(32, 3));
    expect(crypto.x25519PublicKey(keys.privateKey)).toEqual(keys.publicKey);
    expect(crypto.verifyEd25519(keys.sign(file), file, keys.signingPublicKey)).toBe(true);
  });

  it.each([0, 31, 33, 64])('are not made of %d bytes', (length) => {
    expect(() => serverKeysOf(crypto, Buffer.alloc(length))).toThrow(RangeError);
  });
});
