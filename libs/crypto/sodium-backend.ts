import { timingSafeEqual } from 'node:crypto';
import { blake2b as nobleBlake2b } from '@noble/hashes/blake2.js';
import {
  crypto_aead_xchacha20poly1305_ietf_decrypt,
  crypto_aead_xchacha20poly1305_ietf_encrypt,
  crypto_core_ed25519_is_valid_point,
  crypto_core_ed25519_scalar_reduce,
  crypto_generichash,
  crypto_hash_sha256,
  crypto_scalarmult,
  crypto_scalarmult_base,
  crypto_scalarmult_ed25519_noclamp,
  crypto_sign_detached,
  crypto_sign_ed25519_pk_to_curve25519,
  crypto_sign_ed25519_sk_to_curve25519,
  crypto_sign_seed_keypair,
  crypto_sign_verify_detached,
  randombytes_buf,
} from 'sodium-native';
import { openSslAesGcm } from './aes-gcm.js';
import { assertByteLength, assertHashKey, assertHashSize } from './byte-length.js';
import {
  AEAD_TAG_BYTES,
  KEY_BYTES,
  SIGNATURE_BYTES,
  XCHACHA20_NONCE_BYTES,
  type Aead,
  type CryptoBackend,
} from './crypto-backend.js';
import { montgomeryToEdwards } from './xed25519.js';

/** libsodium refuses shorter BLAKE2b keys; the protocol has one of 13 bytes (protocol.md §12). */
const SODIUM_HASH_KEY_BYTES_MIN = 16;

const SHA256_BYTES = 32;
const SHA256_BLOCK_BYTES = 64;
const HMAC_INNER = 0x36;
const HMAC_OUTER = 0x5c;

/**
 * The back end that serves: libsodium through sodium-native, AES-GCM and HMAC from OpenSSL.
 *
 * Lengths are checked here although sodium-native asserts most of them: it takes a 65-byte signature, and its
 * assertion errors could not be told from "this key is bad", which is an exception there too.
 */
export const sodiumBackend: CryptoBackend = {
  name: 'sodium',

  randomBytes(size) {
    const bytes = Buffer.allocUnsafe(size);
    if (size > 0) randombytes_buf(bytes);
    return bytes;
  },

  constantTimeEqual: (a, b) => a.length === b.length && timingSafeEqual(a, b),

  blake2b(size, ...parts) {
    assertHashSize(size);
    const hash = Buffer.allocUnsafe(size);
    crypto_generichash(hash, joined(parts));
    return hash;
  },

  keyedBlake2b(size, key, ...parts) {
    assertHashSize(size);
    assertHashKey(key);
    if (key.length < SODIUM_HASH_KEY_BYTES_MIN) {
      return Buffer.from(nobleBlake2b(joined(parts), { dkLen: size, key }));
    }
    const hash = Buffer.allocUnsafe(size);
    crypto_generichash(hash, joined(parts), key);
    return hash;
  },

  // RFC 2104. Made of two hashes it takes a third of what node:crypto's Hmac does.
  hmacSha256(key, message) {
    const block = Buffer.alloc(SHA256_BLOCK_BYTES);
    (key.length > SHA256_BLOCK_BYTES ? sha256(key) : key).copy(block);
    const inner = sha256(Buffer.concat([block.map((byte) => byte ^ HMAC_INNER), message]));
    return sha256(Buffer.concat([block.map((byte) => byte ^ HMAC_OUTER), inner]));
  },

  x25519PublicKey(privateKey) {
    assertByteLength('An X25519 private key', privateKey, KEY_BYTES);
    const publicKey = Buffer.allocUnsafe(KEY_BYTES);
    crypto_scalarmult_base(publicKey, privateKey);
    return publicKey;
  },

  x25519(privateKey, publicKey) {
    assertByteLength('An X25519 private key', privateKey, KEY_BYTES);
    assertByteLength('An X25519 public key', publicKey, KEY_BYTES);
    const shared = Buffer.allocUnsafe(KEY_BYTES);
    return succeeds(() => crypto_scalarmult(shared, privateKey, publicKey)) ? shared : undefined;
  },

  ed25519PublicKey: (seed) => keyPair(seed).publicKey,

  signEd25519(seed, message) {
    const signature = Buffer.allocUnsafe(SIGNATURE_BYTES);
    crypto_sign_detached(signature, message, keyPair(seed).secretKey);
    return signature;
  },

  verifyEd25519: (signature, message, publicKey) =>
    signature.length === SIGNATURE_BYTES &&
    publicKey.length === KEY_BYTES &&
    crypto_sign_verify_detached(signature, message, publicKey),

  isValidEd25519Point: (key) => key.length === KEY_BYTES && crypto_core_ed25519_is_valid_point(key),

  ed25519ToX25519(publicKey) {
    assertByteLength('An Ed25519 public key', publicKey, KEY_BYTES);
    // libsodium's conversion alone would let non-canonical encodings through.
    if (!crypto_core_ed25519_is_valid_point(publicKey)) return undefined;
    const x25519Key = Buffer.allocUnsafe(KEY_BYTES);
    crypto_sign_ed25519_pk_to_curve25519(x25519Key, publicKey);
    return x25519Key;
  },

  x25519ToEd25519(publicKey) {
    assertByteLength('An X25519 public key', publicKey, KEY_BYTES);
    const point = montgomeryToEdwards(publicKey);
    return point && crypto_core_ed25519_is_valid_point(point) ? point : undefined;
  },

  ed25519PrivateScalar(seed) {
    assertByteLength('An Ed25519 seed', seed, KEY_BYTES);
    const scalar = Buffer.allocUnsafe(KEY_BYTES);
    crypto_sign_ed25519_sk_to_curve25519(scalar, seed);
    return scalar;
  },

  reduceScalar(wide) {
    assertByteLength('A wide scalar', wide, 2 * KEY_BYTES);
    const scalar = Buffer.allocUnsafe(KEY_BYTES);
    crypto_core_ed25519_scalar_reduce(scalar, wide);
    return scalar;
  },

  multiplyEd25519(scalar, point) {
    assertByteLength('A scalar', scalar, KEY_BYTES);
    assertByteLength('A point', point, KEY_BYTES);
    const product = Buffer.allocUnsafe(KEY_BYTES);
    return succeeds(() => crypto_scalarmult_ed25519_noclamp(product, scalar, point)) ? product : undefined;
  },

  aesGcm: openSslAesGcm,
  xchacha20: sodiumXChaCha20,
};

function sodiumXChaCha20(key: Buffer): Aead {
  assertByteLength('An XChaCha20 key', key, KEY_BYTES);
  return {
    seal(plaintext) {
      const box = Buffer.allocUnsafe(XCHACHA20_NONCE_BYTES + plaintext.length + AEAD_TAG_BYTES);
      const nonce = box.subarray(0, XCHACHA20_NONCE_BYTES);
      randombytes_buf(nonce);
      const sealed = box.subarray(XCHACHA20_NONCE_BYTES);
      crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, plaintext, null, null, nonce, key);
      return box;
    },
    open(box) {
      const size = box.length - XCHACHA20_NONCE_BYTES - AEAD_TAG_BYTES;
      if (size < 0) return undefined;
      const nonce = box.subarray(0, XCHACHA20_NONCE_BYTES);
      const sealed = box.subarray(XCHACHA20_NONCE_BYTES);
      const plaintext = Buffer.allocUnsafe(size);
      return succeeds(() =>
        crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext, null, sealed, null, nonce, key),
      )
        ? plaintext
        : undefined;
    },
  };
}

function keyPair(seed: Buffer): { publicKey: Buffer; secretKey: Buffer } {
  assertByteLength('An Ed25519 seed', seed, KEY_BYTES);
  const publicKey = Buffer.allocUnsafe(KEY_BYTES);
  const secretKey = Buffer.allocUnsafe(2 * KEY_BYTES);
  crypto_sign_seed_keypair(publicKey, secretKey, seed);
  return { publicKey, secretKey };
}

function sha256(input: Buffer): Buffer {
  const hash = Buffer.allocUnsafe(SHA256_BYTES);
  crypto_hash_sha256(hash, input);
  return hash;
}

/** sodium-native says "no" by throwing. With all lengths checked, that is the only reason left to throw. */
function succeeds(operation: () => unknown): boolean {
  try {
    operation();
    return true;
  } catch {
    return false;
  }
}

/** One part (a whole message body) is hashed where it lies. */
const joined = (parts: Buffer[]): Buffer => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));
