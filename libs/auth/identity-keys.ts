import type { CryptoBackend } from '../crypto/crypto-backend.js';
import { decodeHexOrBase64 } from '../protocol/encodings.js';
import { sessionIdOf, type SessionId } from '../protocol/ids.js';
import { WeightedCache } from '../protocol/weighted-cache.js';
import { unblindedIdOf } from './blinding.js';

/** How an `X-SOGS-Pubkey` may begin: an Ed25519 key as it is, or one blinded for this server. */
export type IdentityPrefix = '00' | '15';

/** What an `X-SOGS-Pubkey` of the right length says. */
export interface IdentityKey {
  /** Undefined for any other. */
  prefix: IdentityPrefix | undefined;
  /** The Ed25519 key to verify with, 32 bytes. */
  publicKey: Buffer;
  /**
   * Whose it is: `15…` as it is, `05…` for a 00 key. Undefined unless the key is canonical, on the curve, in the main
   * subgroup and not of small order (protocol.md §2, check 5).
   */
  sessionId: SessionId | undefined;
}

const PUBKEY_BYTES = 33;
const KEY_BYTES = 32;
const PREFIX_UNBLINDED = 0x00;
const PREFIX_BLINDED = 0x15;

/**
 * Says whose id a public key is, if it is a usable key at all. The check costs nearly as much as verifying a
 * signature and a client sends the same header with every request, so answers are remembered, the bad ones too.
 */
export class IdentityKeys {
  private readonly known: WeightedCache<string, IdentityKey>;

  constructor(
    private readonly crypto: CryptoBackend,
    entriesMax: number,
  ) {
    this.known = new WeightedCache(entriesMax);
  }

  /** `text`: the header. Undefined unless it is 33 bytes in hex or base64. */
  read(text: string): IdentityKey | undefined {
    const known = this.known.get(text);
    if (known) return known;
    const bytes = decodeHexOrBase64(text, PUBKEY_BYTES);
    if (!bytes) return undefined;
    const prefix = prefixOf(bytes);
    // Memory of its own: a view would keep the whole pool alive that small Buffers are cut from.
    const publicKey = Buffer.allocUnsafeSlow(KEY_BYTES);
    bytes.copy(publicKey, 0, 1);
    const key = { prefix, publicKey, sessionId: prefix && this.sessionIdOf(prefix, publicKey) };
    if (prefix) this.known.set(text, key, 1);
    return key;
  }

  private sessionIdOf(prefix: IdentityPrefix, key: Buffer): SessionId | undefined {
    if (prefix === '00') return unblindedIdOf(this.crypto, key);
    return this.crypto.isValidEd25519Point(key) ? sessionIdOf('15', key) : undefined;
  }
}

function prefixOf(pubkey: Buffer): IdentityPrefix | undefined {
  if (pubkey[0] === PREFIX_BLINDED) return '15';
  return pubkey[0] === PREFIX_UNBLINDED ? '00' : undefined;
}
