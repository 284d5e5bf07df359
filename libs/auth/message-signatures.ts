import { SIGNATURE_BYTES, type CryptoBackend } from '../crypto/crypto-backend.js';
import { sessionIdKey } from '../protocol/ids.js';
import type { Identity } from './identity.js';

const SIGN_BIT = 0x80;

/** Checks what authors sign their posts with (protocol.md §4.2): 64 bytes over the padded data. */
export class MessageSignatures {
  constructor(private readonly crypto: CryptoBackend) {}

  /**
   * A blinded author signs with the blinded key. An unblinded one signs with the Ed25519 key that the request was
   * authenticated with, or, as older clients do, with the X25519 key by XEd25519, where the top bit of the
   * signature carries the sign of the Ed25519 point.
   */
  verify(author: Identity, data: Buffer, signature: Buffer): boolean {
    if (this.crypto.verifyEd25519(signature, data, author.publicKey)) return true;
    return !author.blinded && this.verifyXEd25519(sessionIdKey(author.user.sessionId), data, signature);
  }

  private verifyXEd25519(x25519Key: Buffer, data: Buffer, signature: Buffer): boolean {
    const point = this.crypto.x25519ToEd25519(x25519Key);
    if (!point || signature.length !== SIGNATURE_BYTES) return false;
    const plain = Buffer.from(signature);
    const last = SIGNATURE_BYTES - 1;
    point[31] = point[31]! | (plain[last]! & SIGN_BIT);
    plain[last] = plain[last]! & ~SIGN_BIT;
    return this.crypto.verifyEd25519(plain, data, point);
  }
}
