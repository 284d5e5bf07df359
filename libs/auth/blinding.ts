import type { CryptoBackend } from '../crypto/crypto-backend.js';
import { sessionIdKey, sessionIdOf, type BlindedId, type UnblindedId } from '../protocol/ids.js';

/**
 * The two ids that the owner of a 05 id may have on this server. Only one of them is real, and which one shows
 * when that user authenticates: an X25519 key does not tell the sign of the Ed25519 key it came from.
 */
export interface BlindedPair {
  /** The one whose top bit (bit 7 of the last byte) is 0. */
  absolute: BlindedId;
  negative: BlindedId;
}

/** `k = H64(B) mod L` (protocol.md §1.1), 32 bytes, from the server's X25519 public key. */
export function blindingFactor(crypto: CryptoBackend, serverPublicKey: Buffer): Buffer {
  return crypto.reduceScalar(crypto.blake2b(64, serverPublicKey));
}

/**
 * The blinded ids that belong to a 05 id: ±k·A, with A by the XEd25519 convention. `k` is what
 * {@link blindingFactor} gave. Undefined when the id is no key of any account (not canonical, or no point of the
 * prime-order subgroup has it): nobody will ever authenticate as that.
 */
export function blindedPairOf(crypto: CryptoBackend, k: Buffer, id: UnblindedId): BlindedPair | undefined {
  const A = crypto.x25519ToEd25519(sessionIdKey(id));
  const kA = A && crypto.multiplyEd25519(k, A);
  if (!kA) return undefined;
  const absolute = absoluteOf(sessionIdOf('15', kA) as BlindedId);
  return { absolute, negative: withTopBit(absolute, 1) };
}

/** Of the pair that `id` is one of, the absolute one. */
export function absoluteOf(id: BlindedId): BlindedId {
  return withTopBit(id, 0);
}

/**
 * The `05…` id of an account by its Ed25519 key (32 bytes), as in an `X-SOGS-Pubkey` with prefix 00. Undefined
 * when the key is not canonical, on the curve, in the main subgroup and not of small order.
 */
export function unblindedIdOf(crypto: CryptoBackend, ed25519PublicKey: Buffer): UnblindedId | undefined {
  const x25519Key = crypto.ed25519ToX25519(ed25519PublicKey);
  return x25519Key && (sessionIdOf('05', x25519Key) as UnblindedId);
}

/** Negating an Ed25519 point flips one bit of its encoding: bit 7 of the last byte, in hex the last digit but one. */
function withTopBit(id: BlindedId, bit: 0 | 1): BlindedId {
  const at = id.length - 2;
  const digit = (Number.parseInt(id[at]!, 16) & 7) | (bit << 3);
  return (id.slice(0, at) + digit.toString(16) + id.slice(at + 1)) as BlindedId;
}
