import { assertByteLength } from './byte-length.js';
import { KEY_BYTES, type CryptoBackend } from './crypto-backend.js';

/**
 * The server's identity (protocol.md §1): one secret of 32 bytes with two uses, the X25519 key pair `(b, B)` that
 * onion requests are encrypted to, and the seed of the Ed25519 key that the server signs with.
 */
export interface ServerKeys {
  /** `b`, 32 bytes, as they are in the key file. Secret. */
  readonly privateKey: Buffer;
  /** `B`, 32 bytes: the server's public identity. */
  readonly publicKey: Buffer;
  /** `B` as 64 lower-case hex digits, as in join links. */
  readonly publicKeyHex: string;
  /** The Ed25519 public key of the seed `b`, 32 bytes. */
  readonly signingPublicKey: Buffer;
  /** Ed25519 signature by the server, 64 bytes. */
  sign(message: Buffer): Buffer;
}

/** Derives everything from the 32 private bytes. Throws RangeError for any other length. */
export function serverKeysOf(crypto: CryptoBackend, privateKey: Buffer): ServerKeys {
  assertByteLength('The server key', privateKey, KEY_BYTES);
  const secret = Buffer.from(privateKey); // whoever read the file may wipe its buffer
  const publicKey = crypto.x25519PublicKey(secret);
  return {
    privateKey: secret,
    publicKey,
    publicKeyHex: publicKey.toString('hex'),
    signingPublicKey: crypto.ed25519PublicKey(secret),
    sign: (message) => crypto.signEd25519(secret, message),
  };
}
