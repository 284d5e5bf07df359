import { BoundedCache } from '../protocol/bounded-cache.js';
import { writeContent } from '../protocol/content-writer.js';
import { isBlinded, sessionIdOf, type BlindedId, type SessionId } from '../protocol/ids.js';
import { PROFILE_NAME_BYTES_MAX, PSEUDO_USERS_MAX } from './filter-limits.js';

/** The part of the cryptography that pseudo-users need; a `CryptoBackend` is one. */
export interface PseudoUserCrypto {
  keyedBlake2b(size: number, key: Buffer, ...parts: Buffer[]): Buffer;
  ed25519PublicKey(seed: Buffer): Buffer;
  signEd25519(seed: Buffer, message: Buffer): Buffer;
}

/** A message as a client would post it. */
export interface PseudoUserMessage {
  readonly sessionId: BlindedId;
  /** With its padding. */
  readonly data: Buffer;
  /** 64 bytes, over {@link data}. */
  readonly signature: Buffer;
}

const SEED_KEY = Buffer.from('sogsfiltering', 'ascii');
const SEED_BYTES = 32;
const PADDING = Buffer.from([0x80, 0x00]);

interface Keys {
  readonly seed: Buffer;
  readonly sessionId: BlindedId;
}

/**
 * The authors of filters' replies (protocol.md §12): one per profile name, since clients remember one name per id.
 * The keys derive from the server's private key, so that they stay the same and nobody else can write under them.
 */
export class PseudoUsers {
  private readonly keys = new BoundedCache<string, Keys>(PSEUDO_USERS_MAX);

  /** `privateKey` is the server's, 32 bytes. */
  constructor(
    private readonly crypto: PseudoUserCrypto,
    private readonly privateKey: Buffer,
  ) {}

  sessionIdOf(profileName: string): BlindedId {
    return this.keysOf(profileName).sessionId;
  }

  /** Whether this is the pseudo-user with that name. Whatever people call themselves pushes none out of the cache. */
  includes(sessionId: SessionId, profileName: string): boolean {
    if (!isBlinded(sessionId) || Buffer.byteLength(profileName) > PROFILE_NAME_BYTES_MAX) return false;
    return (this.keys.get(profileName) ?? this.derive(profileName)).sessionId === sessionId;
  }

  /** `nowMs` is Unix time in milliseconds; what is behind the point is cut off. */
  write(reply: { profileName: string; text: string }, nowMs: number): PseudoUserMessage {
    const { seed, sessionId } = this.keysOf(reply.profileName);
    const content = writeContent({
      body: reply.text,
      timestampMs: Math.floor(nowMs),
      displayName: reply.profileName,
    });
    const data = Buffer.concat([content, PADDING]);
    return { sessionId, data, signature: this.crypto.signEd25519(seed, data) };
  }

  private keysOf(profileName: string): Keys {
    const known = this.keys.get(profileName);
    if (known) return known;
    const made = this.derive(profileName);
    this.keys.set(profileName, made);
    return made;
  }

  private derive(profileName: string): Keys {
    const seed = this.crypto.keyedBlake2b(SEED_BYTES, SEED_KEY, Buffer.from(profileName), this.privateKey);
    return { seed, sessionId: sessionIdOf('15', this.crypto.ed25519PublicKey(seed)) as BlindedId };
  }
}
