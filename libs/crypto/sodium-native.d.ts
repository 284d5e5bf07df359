/**
 * The part of sodium-native 5 that `sodium-backend.ts` uses (the package ships no types). Outputs come first and
 * are written into. Functions without a result throw on failure and on buffers of a wrong length.
 */
declare module 'sodium-native' {
  export function randombytes_buf(target: Uint8Array): void;
  /** `output` 32 bytes. */
  export function crypto_hash_sha256(output: Uint8Array, input: Uint8Array): void;
  /** `output` 16–64 bytes, `key` 16–64 bytes. */
  export function crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void;
  export function crypto_scalarmult_base(publicKey: Uint8Array, privateKey: Uint8Array): void;
  /** Throws when the result is all zero. */
  export function crypto_scalarmult(shared: Uint8Array, privateKey: Uint8Array, publicKey: Uint8Array): void;
  /** Throws when the point is not valid, the scalar is zero or the result is the identity. */
  export function crypto_scalarmult_ed25519_noclamp(
    product: Uint8Array,
    scalar: Uint8Array,
    point: Uint8Array,
  ): void;
  export function crypto_core_ed25519_is_valid_point(point: Uint8Array): boolean;
  export function crypto_core_ed25519_scalar_reduce(reduced: Uint8Array, wide: Uint8Array): void;
  /** `secretKey` is the 64 bytes seed ‖ public key. */
  export function crypto_sign_seed_keypair(
    publicKey: Uint8Array,
    secretKey: Uint8Array,
    seed: Uint8Array,
  ): void;
  export function crypto_sign_detached(
    signature: Uint8Array,
    message: Uint8Array,
    secretKey: Uint8Array,
  ): void;
  /** Takes signatures longer than 64 bytes and ignores the rest: check the length before. */
  export function crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
  export function crypto_sign_ed25519_pk_to_curve25519(x25519: Uint8Array, ed25519: Uint8Array): void;
  /** `seed` may be the 32-byte seed alone. */
  export function crypto_sign_ed25519_sk_to_curve25519(x25519: Uint8Array, seed: Uint8Array): void;
  export function crypto_aead_xchacha20poly1305_ietf_encrypt(
    ciphertext: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array | null,
    nsec: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  /** Throws when the tag does not match. */
  export function crypto_aead_xchacha20poly1305_ietf_decrypt(
    plaintext: Uint8Array,
    nsec: null,
    ciphertext: Uint8Array,
    additionalData: Uint8Array | null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
}
