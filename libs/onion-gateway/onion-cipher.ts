import type { Aead, CryptoBackend } from '../crypto/crypto-backend.js';
import type { ServerKeys } from '../crypto/server-keys.js';

export type OnionScheme = 'aes-gcm' | 'xchacha20';

/** Which scheme an `enc_type` means; undefined for an unknown one. Absent means AES-GCM (protocol.md §10). */
export function schemeOf(encType: unknown): OnionScheme | undefined {
  switch (encType) {
    case undefined:
    case 'aes-gcm':
    case 'gcm':
      return 'aes-gcm';
    case 'xchacha20':
    case 'xchacha20-poly1305':
      return 'xchacha20';
    default:
      return undefined;
  }
}

/** The HMAC *key* is the constant and the shared secret the message: that is how the clients have it. */
const AES_GCM_HMAC_KEY = Buffer.from('LOKI');

/**
 * The cipher that opens a request with ephemeral key `A` (32 bytes) and seals its answer: one ECDH for both.
 * Undefined when `A` is of low order, which would make the key a constant that everybody knows.
 */
export function onionCipher(
  crypto: CryptoBackend,
  serverKeys: Pick<ServerKeys, 'privateKey' | 'publicKey'>,
  { scheme, ephemeralKey }: { scheme: OnionScheme; ephemeralKey: Buffer },
): Aead | undefined {
  const shared = crypto.x25519(serverKeys.privateKey, ephemeralKey);
  if (!shared) return undefined;
  return scheme === 'aes-gcm'
    ? crypto.aesGcm(crypto.hmacSha256(AES_GCM_HMAC_KEY, shared))
    : crypto.xchacha20(crypto.blake2b(32, shared, ephemeralKey, serverKeys.publicKey));
}
