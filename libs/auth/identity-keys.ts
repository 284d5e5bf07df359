import type { CryptoBackend } from '../crypto/crypto-backend.js';
import { BoundedCache } from '../protocol/bounded-cache.js';
import { sessionIdOf, type SessionId } from '../protocol/ids.js';
import { unblindedIdOf } from './blinding.js';

/** How an `X-SOGS-Pubkey` may begin: an Ed25519 key as it is, or one blinded for this server. */
export type IdentityPrefix = '00' | '15';

/**
 * Says whose id a public key is, if it is a usable key at all. The check costs nearly as much as verifying a
 * signature and a client sends the same key with every request, so answers are remembered, the bad ones too.
 */
export class IdentityKeys {
  /** `null`: looked at and refused. */
  private readonly known: BoundedCache<string, SessionId | null>;

  constructor(
    private readonly crypto: CryptoBackend,
    entriesMax: number,
  ) {
    this.known = new BoundedCache(entriesMax);
  }

  /**
   * The session id that `key` (32 bytes) stands for: `15…` as it is, `05…` for a 00 key. Undefined unless the
   * key is canonical, on the curve, in the main subgroup and not of small order (protocol.md §2, check 5).
   */
  sessionIdOf(prefix: IdentityPrefix, key: Buffer): SessionId | undefined {
    const name = prefix + key.toString('hex');
    const known = this.known.get(name);
    if (known !== undefined) return known ?? undefined;
    const id = this.derive(prefix, key) ?? null;
    this.known.set(name, id);
    return id ?? undefined;
  }

  private derive(prefix: IdentityPrefix, key: Buffer): SessionId | undefined {
    if (prefix === '00') return unblindedIdOf(this.crypto, key);
    return this.crypto.isValidEd25519Point(key) ? sessionIdOf('15', key) : undefined;
  }
}
