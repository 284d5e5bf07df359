import type { CryptoBackend } from '../../crypto/crypto-backend.js';

const SECRET_BYTES = 32;
const HASH_BYTES = 32;
/** A key of its own for proofs: the server's private key is for nothing but what the protocol says. */
const PROOF_KEY_PURPOSE = Buffer.from('plaza admin proofs');

/** What the admin API needs of the cryptography: secrets that others keep, and proofs that only this server can make. */
export class Secrets {
  private readonly proofKey: Buffer;

  /** `privateKey`: the server's, 32 bytes. */
  constructor(
    private readonly crypto: CryptoBackend,
    privateKey: Buffer,
  ) {
    this.proofKey = crypto.keyedBlake2b(HASH_BYTES, privateKey, PROOF_KEY_PURPOSE);
  }

  /** 32 random bytes, or as many as asked for. */
  random(size = SECRET_BYTES): Buffer {
    return this.crypto.randomBytes(size);
  }

  /** 32 bytes of BLAKE2b: what is stored of a secret that is itself random, and so needs no slow hash. */
  hash(...parts: Buffer[]): Buffer {
    return this.crypto.blake2b(HASH_BYTES, ...parts);
  }

  /** In constant time. */
  isEqual(a: Buffer, b: Buffer): boolean {
    return this.crypto.constantTimeEqual(a, b);
  }

  /** 32 bytes that nobody else can compute; `purpose` keeps proofs of different things apart. */
  proof(purpose: string, text: string): Buffer {
    return this.crypto.keyedBlake2b(HASH_BYTES, this.proofKey, Buffer.from(JSON.stringify([purpose, text])));
  }
}
