import type { CryptoBackend } from '../../../../../libs/crypto/crypto-backend.js';
import { BoundedCache } from '../../../../../libs/protocol/bounded-cache.js';

const ADDRESSES_MAX = 10_000;
const REMEMBERED_MS = 60_000;

interface Standing {
  isGood: boolean;
  atMs: number;
}

/**
 * From which addresses onions came that could be opened, and none that could not, within the last minute. Storage
 * servers have addresses of their own; behind a proxy all have one, which an attacker then spoils for all, so this only
 * ever helps. It is kept in memory for a minute, under hashes that mean nothing to anybody else, and shown nowhere.
 */
export class ProvenAddresses {
  private readonly standings = new BoundedCache<string, Standing>(ADDRESSES_MAX);
  private readonly secret: Buffer;

  constructor(
    private readonly crypto: Pick<CryptoBackend, 'randomBytes' | 'blake2b'>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.secret = crypto.randomBytes(32);
  }

  /** A failure is not made up for by a success before it is forgotten. */
  opened(address: string | undefined): void {
    const key = this.keyOf(address);
    if (this.current(key)?.isGood !== false) this.standings.set(key, { isGood: true, atMs: this.nowMs() });
  }

  failed(address: string | undefined): void {
    this.standings.set(this.keyOf(address), { isGood: false, atMs: this.nowMs() });
  }

  isProven(address: string | undefined): boolean {
    return this.current(this.keyOf(address))?.isGood === true;
  }

  private current(key: string): Standing | undefined {
    const standing = this.standings.get(key);
    return standing && this.nowMs() - standing.atMs < REMEMBERED_MS ? standing : undefined;
  }

  private keyOf(address = ''): string {
    return this.crypto.blake2b(16, this.secret, Buffer.from(address)).toString('base64');
  }
}
