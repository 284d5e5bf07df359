import type { CryptoBackend } from '../crypto/crypto-backend.js';
import type { UnblindedId } from '../protocol/ids.js';
import { blindedPairOf, blindingFactor, type BlindedPair } from './blinding.js';

/** Which blinded ids belong to a 05 id on this server (protocol.md §1.1). */
export class BlindedIds {
  private readonly k: Buffer;

  /** `serverPublicKey`: the server's X25519 key, 32 bytes. */
  constructor(
    private readonly crypto: CryptoBackend,
    serverPublicKey: Buffer,
  ) {
    this.k = blindingFactor(crypto, serverPublicKey);
  }

  /** Undefined when the id is no key of any account. */
  pairOf(id: UnblindedId): BlindedPair | undefined {
    return blindedPairOf(this.crypto, this.k, id);
  }
}
