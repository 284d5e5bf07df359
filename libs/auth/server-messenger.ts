import { XCHACHA20_NONCE_BYTES, type CryptoBackend } from '../crypto/crypto-backend.js';
import { isBlinded, sessionIdKey, sessionIdOf, type BlindedId, type SessionId } from '../protocol/ids.js';
import { blindingFactor } from './blinding.js';

/** Makes the seed another one than anything else that derives from the server's key. */
const SEED_PURPOSE = Buffer.from('plaza server messenger');
const VERSION = Buffer.from([0x00]);

/**
 * The server's own account for direct messages, which it writes as any blinded user does (protocol.md §7.1). Letters as
 * there: `a` and `A` are its scalar and key, `kA` its blinded key, `kB` that of whom it writes to.
 */
export class ServerMessenger {
  readonly sessionId: BlindedId;
  private readonly a: Buffer;
  private readonly A: Buffer;
  private readonly kA: Buffer;

  /** `server`: the server's X25519 keys, 32 bytes each; the private one only makes the seed. */
  constructor(
    private readonly crypto: CryptoBackend,
    server: { publicKey: Buffer; privateKey: Buffer },
  ) {
    const seed = crypto.blake2b(32, SEED_PURPOSE, server.privateKey);
    this.a = crypto.ed25519PrivateScalar(seed);
    this.A = crypto.ed25519PublicKey(seed);
    this.kA = crypto.multiplyEd25519(blindingFactor(crypto, server.publicKey), this.A)!;
    this.sessionId = sessionIdOf('15', this.kA) as BlindedId;
  }

  /**
   * `0x00 ‖ XChaCha20-Poly1305(H32(a·kB ‖ kA ‖ kB), nonce, padded ‖ A) ‖ nonce`; `padded` is a Content with its
   * padding. Undefined for an id that is not blinded, or no key.
   */
  seal(recipient: SessionId, padded: Buffer): Buffer | undefined {
    if (!isBlinded(recipient)) return undefined;
    const kB = sessionIdKey(recipient);
    const shared = this.crypto.multiplyEd25519(this.a, kB);
    if (!shared) return undefined;
    const key = this.crypto.blake2b(32, shared, this.kA, kB);
    const box = this.crypto.xchacha20(key).seal(Buffer.concat([padded, this.A]));
    const nonce = box.subarray(0, XCHACHA20_NONCE_BYTES);
    return Buffer.concat([VERSION, box.subarray(XCHACHA20_NONCE_BYTES), nonce]);
  }
}
