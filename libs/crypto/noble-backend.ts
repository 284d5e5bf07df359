import { gcm } from '@noble/ciphers/aes.js';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { assertByteLength, assertHashKey, assertHashSize } from './byte-length.js';
import {
  AEAD_TAG_BYTES,
  AES_GCM_IV_BYTES,
  KEY_BYTES,
  SIGNATURE_BYTES,
  XCHACHA20_NONCE_BYTES,
  type Aead,
  type CryptoBackend,
} from './crypto-backend.js';
import { montgomeryToEdwards } from './xed25519.js';

const { Point } = ed25519;
const { Fn } = Point;

/**
 * The back end in plain JavaScript: for platforms without a build of sodium-native (some 30 times slower), and
 * the independent second opinion in tests. It shares no code with the other one but `xed25519.ts`.
 */
export const nobleBackend: CryptoBackend = {
  name: 'noble',

  randomBytes: (size) => asBuffer(randomBytes(size)),

  constantTimeEqual(a, b) {
    if (a.length !== b.length) return false;
    let difference = 0;
    for (let at = 0; at < a.length; at++) difference |= a[at]! ^ b[at]!;
    return difference === 0;
  },

  blake2b(size, ...parts) {
    assertHashSize(size);
    return asBuffer(blake2b(Buffer.concat(parts), { dkLen: size }));
  },

  keyedBlake2b(size, key, ...parts) {
    assertHashSize(size);
    assertHashKey(key);
    return asBuffer(blake2b(Buffer.concat(parts), { dkLen: size, key }));
  },

  hmacSha256: (key, message) => asBuffer(hmac(sha256, key, message)),

  x25519PublicKey(privateKey) {
    assertByteLength('An X25519 private key', privateKey, KEY_BYTES);
    return asBuffer(x25519.getPublicKey(privateKey));
  },

  x25519(privateKey, publicKey) {
    assertByteLength('An X25519 private key', privateKey, KEY_BYTES);
    assertByteLength('An X25519 public key', publicKey, KEY_BYTES);
    try {
      return asBuffer(x25519.getSharedSecret(privateKey, publicKey));
    } catch {
      return undefined; // with the lengths checked, noble throws for low-order keys only
    }
  },

  ed25519PublicKey(seed) {
    assertByteLength('An Ed25519 seed', seed, KEY_BYTES);
    return asBuffer(ed25519.getPublicKey(seed));
  },

  signEd25519(seed, message) {
    assertByteLength('An Ed25519 seed', seed, KEY_BYTES);
    return asBuffer(ed25519.sign(message, seed));
  },

  verifyEd25519,

  isValidEd25519Point: (key) => validPoint(key) !== undefined,

  ed25519ToX25519(publicKey) {
    assertByteLength('An Ed25519 public key', publicKey, KEY_BYTES);
    return validPoint(publicKey) && asBuffer(ed25519.utils.toMontgomery(publicKey));
  },

  x25519ToEd25519(publicKey) {
    assertByteLength('An X25519 public key', publicKey, KEY_BYTES);
    const point = montgomeryToEdwards(publicKey);
    return point && validPoint(point) && point;
  },

  ed25519PrivateScalar(seed) {
    assertByteLength('An Ed25519 seed', seed, KEY_BYTES);
    return asBuffer(ed25519.utils.toMontgomerySecret(seed));
  },

  reduceScalar(wide) {
    assertByteLength('A wide scalar', wide, 2 * KEY_BYTES);
    return asBuffer(Fn.toBytes(Fn.create(bytesToNumberLE(wide))));
  },

  multiplyEd25519(scalar, point) {
    assertByteLength('A scalar', scalar, KEY_BYTES);
    assertByteLength('A point', point, KEY_BYTES);
    const factor = Fn.create(bytesToNumberLE(scalar));
    // The constant-time multiplication: the scalar may be a secret one.
    return factor === 0n ? undefined : asBufferOf(validPoint(point)?.multiply(factor));
  },

  aesGcm(key) {
    assertByteLength('An AES-256 key', key, KEY_BYTES);
    return aeadOf((nonce) => gcm(key, nonce), AES_GCM_IV_BYTES);
  },

  xchacha20(key) {
    assertByteLength('An XChaCha20 key', key, KEY_BYTES);
    return aeadOf((nonce) => xchacha20poly1305(key, nonce), XCHACHA20_NONCE_BYTES);
  },
};

type EdwardsPoint = InstanceType<typeof Point>;

/**
 * noble's own `verify` is no match for libsodium's: by default it follows ZIP 215, and its strict mode still
 * multiplies the equation by the cofactor. These are the checks of libsodium's
 * `_crypto_sign_ed25519_verify_detached`.
 */
function verifyEd25519(signature: Buffer, message: Buffer, publicKey: Buffer): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== KEY_BYTES) return false;
  const rBytes = signature.subarray(0, KEY_BYTES);
  const s = bytesToNumberLE(signature.subarray(KEY_BYTES));
  if (!Fn.isValid(s)) return false; // S ≥ L: the same signature in another spelling
  const A = pointOf(publicKey);
  if (!A || A.isSmallOrder()) return false;
  const h = Fn.create(bytesToNumberLE(sha512(Buffer.concat([rBytes, publicKey, message]))));
  // R = sB - hA without cofactor. Comparing bytes also refuses every R that is not canonical.
  const R = Point.BASE.multiplyUnsafe(s).subtract(A.multiplyUnsafe(h));
  return !R.isSmallOrder() && rBytes.equals(R.toBytes());
}

/** Canonically encoded and on the curve, of whatever order. */
function pointOf(bytes: Buffer): EdwardsPoint | undefined {
  try {
    return Point.fromBytes(bytes, false);
  } catch {
    return undefined;
  }
}

function validPoint(bytes: Buffer): EdwardsPoint | undefined {
  const point = pointOf(bytes);
  return point && !point.isSmallOrder() && point.isTorsionFree() ? point : undefined;
}

interface NobleCipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}

function aeadOf(cipherOf: (nonce: Uint8Array) => NobleCipher, nonceBytes: number): Aead {
  return {
    seal(plaintext) {
      const nonce = randomBytes(nonceBytes);
      return Buffer.concat([nonce, cipherOf(nonce).encrypt(plaintext)]);
    },
    open(box) {
      if (box.length < nonceBytes + AEAD_TAG_BYTES) return undefined;
      try {
        return asBuffer(cipherOf(box.subarray(0, nonceBytes)).decrypt(box.subarray(nonceBytes)));
      } catch {
        return undefined; // the tag does not match
      }
    },
  };
}

/** The same bytes as a Buffer, not a copy. */
const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);

const asBufferOf = (point: EdwardsPoint | undefined): Buffer | undefined =>
  point && asBuffer(point.toBytes());
