import fc from 'fast-check';
import { selectCryptoBackend } from './select-backend.js';

const sodium = selectCryptoBackend('sodium');
const noble = selectCryptoBackend('noble');

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((given) => Buffer.from(given));
const anyBytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((given) => Buffer.from(given));
/** noble takes about a millisecond for one operation on a curve. */
const FEW = { numRuns: 20 };

describe('the back ends agree on', () => {
  it('hashes', () => {
    const size = fc.integer({ min: 16, max: 64 });
    fc.assert(
      fc.property(size, fc.array(anyBytes(200), { maxLength: 3 }), (length, parts) => {
        expect(sodium.blake2b(length, ...parts)).toEqual(noble.blake2b(length, ...parts));
      }),
    );
    fc.assert(
      fc.property(
        size,
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        anyBytes(200),
        (length, key, data) => {
          const keyBytes = Buffer.from(key);
          expect(sodium.keyedBlake2b(length, keyBytes, data)).toEqual(
            noble.keyedBlake2b(length, keyBytes, data),
          );
        },
      ),
    );
  });

  it('HMACs', () => {
    fc.assert(
      fc.property(anyBytes(100), anyBytes(200), (key, message) => {
        expect(sodium.hmacSha256(key, message)).toEqual(noble.hmacSha256(key, message));
      }),
    );
  });

  it('boxes, each opening the other’s', () => {
    fc.assert(
      fc.property(
        bytes(32),
        anyBytes(300),
        fc.constantFrom('aesGcm', 'xchacha20'),
        (key, plaintext, cipher) => {
          expect(sodium[cipher](key).open(noble[cipher](key).seal(plaintext))).toEqual(plaintext);
          expect(noble[cipher](key).open(sodium[cipher](key).seal(plaintext))).toEqual(plaintext);
        },
      ),
    );
  });

  it('keys, scalars and signatures of any seed', () => {
    fc.assert(
      fc.property(bytes(32), anyBytes(100), (seed, message) => {
        const publicKey = sodium.ed25519PublicKey(seed);
        const signature = sodium.signEd25519(seed, message);
        expect(noble.ed25519PublicKey(seed)).toEqual(publicKey);
        expect(noble.signEd25519(seed, message)).toEqual(signature);
        expect(noble.verifyEd25519(signature, message, publicKey)).toBe(true);
        expect(noble.x25519PublicKey(seed)).toEqual(sodium.x25519PublicKey(seed));
        expect(noble.ed25519PrivateScalar(seed)).toEqual(sodium.ed25519PrivateScalar(seed));
        expect(noble.ed25519ToX25519(publicKey)).toEqual(sodium.ed25519ToX25519(publicKey));
      }),
      FEW,
    );
  });

  it('shared secrets, whatever the public key', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (privateKey, publicKey) => {
        expect(noble.x25519(privateKey, publicKey)).toEqual(sodium.x25519(privateKey, publicKey));
      }),
      FEW,
    );
  });

  it('which bytes are a point, and which point an X25519 key is', () => {
    fc.assert(
      fc.property(bytes(32), (key) => {
        expect(noble.isValidEd25519Point(key)).toBe(sodium.isValidEd25519Point(key));
        expect(noble.ed25519ToX25519(key)).toEqual(sodium.ed25519ToX25519(key));
        expect(noble.x25519ToEd25519(key)).toEqual(sodium.x25519ToEd25519(key));
      }),
      FEW,
    );
  });

  it('multiples of points', () => {
    fc.assert(
      fc.property(bytes(32), bytes(64), (seed, wide) => {
        const k = sodium.reduceScalar(wide);
        expect(noble.reduceScalar(wide)).toEqual(k);
        const point = sodium.ed25519PublicKey(seed);
        expect(noble.multiplyEd25519(k, point)).toEqual(sodium.multiplyEd25519(k, point));
        const clamped = sodium.ed25519PrivateScalar(seed);
        expect(noble.multiplyEd25519(clamped, point)).toEqual(sodium.multiplyEd25519(clamped, point));
      }),
      FEW,
    );
  });

  it('damaged signatures', () => {
    const seed = Buffer.alloc(32, 9);
    const message = Buffer.from('message');
    const publicKey = sodium.ed25519PublicKey(seed);
    const signature = sodium.signEd25519(seed, message);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const damaged = Buffer.from(signature);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        expect(sodium.verifyEd25519(damaged, message, publicKey)).toBe(false);
        expect(noble.verifyEd25519(damaged, message, publicKey)).toBe(false);
      }),
      FEW,
    );
  });
});
