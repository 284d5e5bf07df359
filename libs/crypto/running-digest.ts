import { createHash } from 'node:crypto';

/** SHA-256 over bytes that come piece by piece: against accidents, and where nothing is secret. */
export class RunningDigest {
  private readonly hash = createHash('sha256');

  add(bytes: Buffer): void {
    this.hash.update(bytes);
  }

  /** Passes on what comes, once it is added. */
  async *along(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      this.add(piece);
      yield piece;
    }
  }

  /** 32 bytes. Ends it. */
  bytes(): Buffer {
    return this.hash.digest();
  }

  /** 64 hexadecimal digits. Ends it. */
  hex(): string {
    return this.bytes().toString('hex');
  }
}
