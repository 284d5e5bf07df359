import { chmod, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock, type Clock } from '../protocol/clock.js';
import { unavailable } from '../protocol/errors.js';
import { halfSipHash13 } from './half-sip-hash.js';
import { NonceFile } from './nonce-file.js';
import { NonceSet } from './nonce-set.js';
import { assertAcceptable, NONCE_BYTES, type NonceStore } from './nonce-store.js';
import { NONCE_WORDS, type HashedNonce, type HashKey } from './nonce-table.js';

export interface LocalNonceStoreOptions {
  /** Made if missing. Belongs to this store alone, and to one process. */
  folder: string;
  /** How far a request's timestamp may be from now (`limits.timestampSkewSecondsMax`). */
  timestampSkewSeconds: number;
  /** Beyond this many the store refuses (503) rather than forgets. Each takes up to 32 bytes of memory and 16 on disk. */
  entriesMax?: number;
  clock?: Clock;
}

interface Bucket {
  readonly nonces: NonceSet;
  readonly file: NonceFile;
}

const HOUR = 3600;
const ENTRIES_MAX_DEFAULT = 20_000_000;
const BUCKET_FILE = /^(\d{1,9})\.bin$/;
const RETRY_AFTER_SECONDS = 60;

/**
 * Nonces of one process, in memory and in an append-only file per hour of the signed timestamp
 * (architecture.md, "Nonces"). A bucket goes as a whole, once no timestamp in it is acceptable any more.
 */
export class LocalNonceStore implements NonceStore {
  private readonly buckets = new Map<number, Bucket>();
  private readonly hashKey = randomHashKey();
  private readonly folder: string;
  private readonly timestampSkewSeconds: number;
  private readonly entriesMax: number;
  private readonly clock: Clock;
  private entries = 0;
  private isClosed = false;

  private constructor(options: LocalNonceStoreOptions) {
    this.folder = options.folder;
    this.timestampSkewSeconds = options.timestampSkewSeconds;
    this.entriesMax = options.entriesMax ?? ENTRIES_MAX_DEFAULT;
    this.clock = options.clock ?? systemClock;
  }

  /** Loads what an earlier process recorded, except what expired meanwhile: that is deleted. */
  static async open(options: LocalNonceStoreOptions): Promise<LocalNonceStore> {
    const store = new LocalNonceStore(options);
    await mkdir(dirname(options.folder), { recursive: true });
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    await chmod(options.folder, 0o700);
    for (const name of await readdir(options.folder)) {
      const hour = BUCKET_FILE.exec(name)?.[1];
      if (hour !== undefined) await store.load(Number(hour));
    }
    return store;
  }

  /** How many are remembered. */
  get size(): number {
    return this.entries;
  }

  get memoryBytes(): number {
    return [...this.buckets.values()].reduce((sum, { nonces }) => sum + nonces.memoryBytes, 0);
  }

  /** Looks into every bucket: the same nonce with another timestamp is a reused one too. */
  has(nonce: Buffer): boolean {
    return this.isKnown(this.hash(nonce));
  }

  /** Throws WireError 503 when the store is full, Error when the nonce cannot be written to disk. */
  remember(nonce: Buffer, timestampSeconds: number): boolean {
    if (this.isClosed) throw new Error('The nonce store is closed');
    assertAcceptable(timestampSeconds, this.clock, this.timestampSkewSeconds + HOUR);
    const hashed = this.hash(nonce);
    if (this.isKnown(hashed)) return false;
    if (this.entries >= this.entriesMax) throw unavailable(RETRY_AFTER_SECONDS);
    const { nonces, file } = this.bucketOf(Math.floor(timestampSeconds / HOUR));
    // Disk first: what cannot be recorded is not accepted. Nothing here awaits, so no other call comes between.
    file.append(nonce);
    nonces.add(hashed);
    this.entries++;
    return true;
  }

  dropExpired(): void {
    for (const [hour, { nonces, file }] of this.buckets) {
      if (!this.isExpired(hour)) continue;
      file.remove();
      this.buckets.delete(hour);
      this.entries -= nonces.size;
    }
  }

  close(): void {
    this.isClosed = true;
    for (const { file } of this.buckets.values()) file.close();
  }

  private async load(hour: number): Promise<void> {
    const file = new NonceFile(this.pathOf(hour));
    if (this.isExpired(hour)) return file.remove();
    const nonces = new NonceSet(this.hashKey, file.count());
    for await (const piece of file.read()) {
      for (let at = 0; at < piece.length; at += NONCE_BYTES) {
        nonces.add(this.hash(piece.subarray(at, at + NONCE_BYTES)));
      }
    }
    this.buckets.set(hour, { nonces, file });
    this.entries += nonces.size;
  }

  private bucketOf(hour: number): Bucket {
    let bucket = this.buckets.get(hour);
    if (!bucket) {
      bucket = { nonces: new NonceSet(this.hashKey), file: new NonceFile(this.pathOf(hour)) };
      this.buckets.set(hour, bucket);
    }
    return bucket;
  }

  private pathOf(hour: number): string {
    return join(this.folder, `${hour}.bin`);
  }

  /** The bucket's last timestamp is a second before its end. */
  private isExpired(hour: number): boolean {
    return (hour + 1) * HOUR + this.timestampSkewSeconds < this.clock.nowSeconds();
  }

  private isKnown(hashed: HashedNonce): boolean {
    for (const { nonces } of this.buckets.values()) {
      if (nonces.has(hashed)) return true;
    }
    return false;
  }

  private hash(nonce: Buffer): HashedNonce {
    if (nonce.length !== NONCE_BYTES)
      throw new RangeError(`A nonce has ${NONCE_BYTES} bytes, not ${nonce.length}`);
    const words = new Uint32Array(NONCE_WORDS);
    for (let word = 0; word < NONCE_WORDS; word++) words[word] = nonce.readUInt32LE(word * 4);
    return { words, hash: halfSipHash13(this.hashKey.key0, this.hashKey.key1, words) };
  }
}

function randomHashKey(): HashKey {
  const [key0 = 0, key1 = 0] = crypto.getRandomValues(new Uint32Array(2));
  return { key0, key1 };
}
