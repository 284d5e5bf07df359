/**
 * All the cryptography of the project behind one interface, so that two independent implementations can be held
 * against each other and against the same vectors (test/vectors).
 *
 * Common to all methods: byte strings are Buffers, scalars and points are 32 bytes little-endian as in RFC 8032
 * and RFC 7748. A key or hash argument of another length than stated is a mistake in our own code and throws
 * RangeError; what a *stranger* can get wrong (keys, signatures, ciphertexts of the right length) never throws
 * but answers `undefined` or `false`.
 */
export interface CryptoBackend {
  readonly name: CryptoBackendName;

  /** `size` bytes from the operating system's generator. */
  randomBytes(size: number): Buffer;
  /** Compares without telling by its timing where the first difference is. False for unequal lengths. */
  constantTimeEqual(a: Buffer, b: Buffer): boolean;

  /**
   * BLAKE2b of the parts joined, `size` 16–64 bytes; the size is part of the hash, not a truncation.
   * `H64` and `H32` of the protocol are `blake2b(64, …)` and `blake2b(32, …)`.
   */
  blake2b(size: number, ...parts: Buffer[]): Buffer;
  /** Keyed BLAKE2b (RFC 7693) with a key of 1–64 bytes. */
  keyedBlake2b(size: number, key: Buffer, ...parts: Buffer[]): Buffer;
  /** HMAC-SHA256 with a key of any length: 32 bytes. */
  hmacSha256(key: Buffer, message: Buffer): Buffer;

  /** The X25519 public key of 32 private bytes (clamped inside, as RFC 7748 says). */
  x25519PublicKey(privateKey: Buffer): Buffer;
  /**
   * The X25519 shared secret, 32 bytes; undefined when it is all zero, that is for every low-order
   * `publicKey` (protocol.md §10: "low-order `A` → 400").
   */
  x25519(privateKey: Buffer, publicKey: Buffer): Buffer | undefined;

  /** The Ed25519 public key of a 32-byte seed. */
  ed25519PublicKey(seed: Buffer): Buffer;
  /** Deterministic Ed25519 (RFC 8032) over the whole message: 64 bytes. */
  signEd25519(seed: Buffer, message: Buffer): Buffer;
  /**
   * Exactly libsodium's verification: S below L, canonical key, neither R nor the key of small order, and the
   * equation without cofactor, R compared as bytes. It takes some keys outside the prime-order subgroup: check
   * {@link isValidEd25519Point} before (vectors/ed25519-edge.json). False for wrong lengths too.
   */
  verifyEd25519(signature: Buffer, message: Buffer, publicKey: Buffer): boolean;
  /**
   * `crypto_core_ed25519_is_valid_point`: canonically encoded, on the curve, in the main subgroup, not of small
   * order. False for anything that is not 32 bytes.
   */
  isValidEd25519Point(key: Buffer): boolean;

  /** The X25519 form u = (1+y)/(1-y) of a point; undefined unless {@link isValidEd25519Point}. */
  ed25519ToX25519(publicKey: Buffer): Buffer | undefined;
  /**
   * The XEd25519 conversion y = (u-1)/(u+1) with sign bit 0 (protocol.md §1.1); undefined when `publicKey` is not
   * canonical or no valid point has this u.
   */
  x25519ToEd25519(publicKey: Buffer): Buffer | undefined;
  /** The clamped secret scalar `a` of an Ed25519 seed, with A = aG. */
  ed25519PrivateScalar(seed: Buffer): Buffer;
  /** 64 bytes, little-endian, mod L (the order of the Ed25519 group): 32 bytes. */
  reduceScalar(wide: Buffer): Buffer;
  /**
   * scalar · point on Ed25519 without clamping, for scalars below 2^255 (reduced or clamped ones). Undefined
   * unless {@link isValidEd25519Point}, and for a scalar that is 0 mod L.
   */
  multiplyEd25519(scalar: Buffer, point: Buffer): Buffer | undefined;

  /** AES-256-GCM, boxes of iv 12 ‖ ciphertext ‖ tag 16. The key is 32 bytes. */
  aesGcm(key: Buffer): Aead;
  /** XChaCha20-Poly1305 (IETF), boxes of nonce 24 ‖ ciphertext ‖ tag 16. The key is 32 bytes. */
  xchacha20(key: Buffer): Aead;
}

export type CryptoBackendName = 'sodium' | 'noble';

/** Authenticated encryption under one key, without additional data. Keep it to answer under the same key. */
export interface Aead {
  /** Draws a fresh random nonce and puts it in front, so that no caller can use one twice. */
  seal(plaintext: Buffer): Buffer;
  /** Undefined when the box is too short or is not exactly what {@link seal} made under this key. */
  open(box: Buffer): Buffer | undefined;
}

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const AEAD_TAG_BYTES = 16;
export const AES_GCM_IV_BYTES = 12;
export const XCHACHA20_NONCE_BYTES = 24;
