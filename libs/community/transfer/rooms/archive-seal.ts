import type { CryptoBackend } from '../../../crypto/crypto-backend.js';

const PURPOSE = Buffer.from('plaza room archive 1');

/**
 * Shows that an archive was written by a server with this private key, and not changed since: anybody can write one that
 * claims a server's public key. 64 hex digits over the SHA-256 of its lines, of which those of files hold theirs.
 */
export class ArchiveSeal {
  private readonly key: Buffer;

  constructor(
    private readonly crypto: CryptoBackend,
    privateKey: Buffer,
  ) {
    this.key = crypto.hmacSha256(privateKey, PURPOSE);
  }

  of(sha256: string): string {
    return this.crypto.hmacSha256(this.key, Buffer.from(sha256)).toString('hex');
  }

  isUnder(sha256: string, seal: string): boolean {
    const [wanted, found] = [Buffer.from(this.of(sha256)), Buffer.from(seal)];
    return wanted.length === found.length && this.crypto.constantTimeEqual(wanted, found);
  }
}
