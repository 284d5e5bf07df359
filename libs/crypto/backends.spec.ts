import { hexBytes } from '../../test/support/vectors.js';
import type { CryptoBackendName } from './crypto-backend.js';
import { selectCryptoBackend } from './select-backend.js';

/** X25519 public keys of low order, in canonical and other spellings (libsodium's own blocklist and top bits). */
const LOW_ORDER_X25519 = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

const L = hexBytes('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

describe.each<CryptoBackendName>(['sodium', 'noble'])('the %s back end', (name) => {
  const crypto = selectCryptoBackend(name);
  const seed = Buffer.alloc(32, 7);
  const publicKey = crypto.ed25519PublicKey(seed);

  it('hashes as RFC 7693 says', () => {
    expect(crypto.blake2b(64, Buffer.from('abc')).toString('hex')).toBe(
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1' +
        '7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    );
  });

  it('hashes parts as it hashes them joined', () => {
    const whole = crypto.blake2b(32, Buffer.from('abcdef'));
    expect(crypto.blake2b(32, Buffer.from('ab'), Buffer.alloc(0), Buffer.from('cdef'))).toEqual(whole);
    expect(crypto.blake2b(32)).toEqual(crypto.blake2b(32, Buffer.alloc(0)));
  });

  it.each([1, 13, 15, 16, 32, 64])('takes a hash key of %d bytes into account', (length) => {
    const key = Buffer.alloc(length, 1);
    const hash = crypto.keyedBlake2b(32, key, Buffer.from('message'));
    expect(hash).toHaveLength(32);
    expect(hash).not.toEqual(crypto.blake2b(32, Buffer.from('message')));
    key[0] = 2;
    expect(hash).not.toEqual(crypto.keyedBlake2b(32, key, Buffer.from('message')));
  });

  it('hashes under the key of 13 bytes that the filters use, as Python’s hashlib does', () => {
    const hash = crypto.keyedBlake2b(32, Buffer.from('sogsfiltering'), Buffer.from('ab'), Buffer.from('c'));
    expect(hash.toString('hex')).toBe('8d2cca21e9502ad79e41559d9e8aaf96db091c9d0c171adbc65490986e77569f');
  });

  it('makes HMACs as RFC 4231 says', () => {
    const mac = crypto.hmacSha256(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?'));
    expect(mac.toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('multiplies on Curve25519 as RFC 7748 says', () => {
    const alice = hexBytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = hexBytes('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    expect(crypto.x25519PublicKey(alice).toString('hex')).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
    expect(crypto.x25519(alice, bob)!.toString('hex')).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it.each(LOW_ORDER_X25519)('refuses the low-order X25519 key %s', (key) => {
    expect(crypto.x25519(seed, hexBytes(key))).toBeUndefined();
  });

  it('signs as RFC 8032 says', () => {
    const rfcSeed = hexBytes('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    expect(crypto.signEd25519(rfcSeed, Buffer.from('72', 'hex')).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
  });

  it('verifies nothing that is longer or shorter than a signature or a key', () => {
    const message = Buffer.from('message');
    const signature = crypto.signEd25519(seed, message);
    expect(crypto.verifyEd25519(signature, message, publicKey)).toBe(true);
    for (const wrong of [
      Buffer.alloc(0),
      signature.subarray(1),
      Buffer.concat([signature, Buffer.alloc(1)]),
    ]) {
      expect(crypto.verifyEd25519(wrong, message, publicKey)).toBe(false);
    }
    for (const wrong of [
      Buffer.alloc(0),
      publicKey.subarray(1),
      Buffer.concat([publicKey, Buffer.alloc(1)]),
    ]) {
      expect(crypto.verifyEd25519(signature, message, wrong)).toBe(false);
      expect(crypto.isValidEd25519Point(wrong)).toBe(false);
    }
  });

  it('multiplies by no scalar that is 0 mod L', () => {
    expect(crypto.multiplyEd25519(Buffer.alloc(32), publicKey)).toBeUndefined();
    expect(crypto.multiplyEd25519(L, publicKey)).toBeUndefined();
    expect(crypto.reduceScalar(Buffer.concat([L, Buffer.alloc(32)]))).toEqual(Buffer.alloc(32));
  });

  it.each([
    ['0', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['1', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['-1', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['p + 9', 'f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['9 with the top bit', '0900000000000000000000000000000000000000000000000000000000000080'],
    ['2, on the twist', '0200000000000000000000000000000000000000000000000000000000000000'],
  ])('finds no Ed25519 point for the X25519 key u = %s', (_what, key) => {
    expect(crypto.x25519ToEd25519(hexBytes(key))).toBeUndefined();
  });

  it('finds the base point for u = 9', () => {
    const nine = Buffer.alloc(32);
    nine[0] = 9;
    expect(crypto.x25519ToEd25519(nine)!.toString('hex')).toBe(`58${'66'.repeat(31)}`);
  });

  it.each([
    ['aesGcm', 28],
    ['xchacha20', 40],
  ] as const)('%s opens what it sealed and nothing else', (cipher, overhead) => {
    const aead = crypto[cipher](Buffer.alloc(32, 5));
    const plaintext = Buffer.from('attack at dawn');
    const box = aead.seal(plaintext);
    expect(box).toHaveLength(plaintext.length + overhead);
    expect(aead.open(box)).toEqual(plaintext);
    expect(aead.seal(plaintext)).not.toEqual(box);
    for (let at = 0; at < box.length; at++) {
      const damaged = Buffer.from(box);
      damaged[at]! ^= 1;
      expect(aead.open(damaged)).toBeUndefined();
      expect(aead.open(box.subarray(0, at))).toBeUndefined();
    }
    expect(crypto[cipher](Buffer.alloc(32, 6)).open(box)).toBeUndefined();
  });

  it.each(['aesGcm', 'xchacha20'] as const)('%s seals an empty message', (cipher) => {
    const aead = crypto[cipher](Buffer.alloc(32, 5));
    expect(aead.open(aead.seal(Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
  });

  it('compares bytes', () => {
    const bytes = Buffer.from('same');
    expect(crypto.constantTimeEqual(bytes, Buffer.from('same'))).toBe(true);
    expect(crypto.constantTimeEqual(bytes, Buffer.from('sane'))).toBe(false);
    expect(crypto.constantTimeEqual(bytes, Buffer.from('sam'))).toBe(false);
    expect(crypto.constantTimeEqual(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
  });

  it('draws random bytes', () => {
    expect(crypto.randomBytes(0)).toHaveLength(0);
    expect(crypto.randomBytes(24)).toHaveLength(24);
    expect(crypto.randomBytes(24)).not.toEqual(crypto.randomBytes(24));
  });

  it.each<[string, () => unknown]>([
    ['a hash below 16 bytes', () => crypto.blake2b(15, seed)],
    ['a hash beyond 64 bytes', () => crypto.blake2b(65, seed)],
    ['an empty hash key', () => crypto.keyedBlake2b(32, Buffer.alloc(0), seed)],
    ['a hash key beyond 64 bytes', () => crypto.keyedBlake2b(32, Buffer.alloc(65), seed)],
    ['a short X25519 private key', () => crypto.x25519PublicKey(seed.subarray(1))],
    ['a short private key in an exchange', () => crypto.x25519(seed.subarray(1), publicKey)],
    ['a short public key in an exchange', () => crypto.x25519(seed, publicKey.subarray(1))],
    ['a short seed', () => crypto.ed25519PublicKey(seed.subarray(1))],
    ['a short seed in signing', () => crypto.signEd25519(seed.subarray(1), seed)],
    ['a short seed for a scalar', () => crypto.ed25519PrivateScalar(seed.subarray(1))],
    ['a short Ed25519 key to convert', () => crypto.ed25519ToX25519(publicKey.subarray(1))],
    ['a short X25519 key to convert', () => crypto.x25519ToEd25519(publicKey.subarray(1))],
    ['a narrow scalar to reduce', () => crypto.reduceScalar(seed)],
    ['a short scalar', () => crypto.multiplyEd25519(seed.subarray(1), publicKey)],
    ['a short point', () => crypto.multiplyEd25519(seed, publicKey.subarray(1))],
    ['a short AES key', () => crypto.aesGcm(seed.subarray(16))],
    ['a short XChaCha20 key', () => crypto.xchacha20(seed.subarray(16))],
  ])('throws RangeError for %s', (_what, call) => {
    expect(call).toThrow(RangeError);
  });
});
