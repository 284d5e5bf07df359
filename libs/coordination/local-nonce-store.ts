import { chmod, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock, type Clock } from '../protocol/clock.js';
import { DEFAULT_ABUSE_LIMITS } from '../protocol/abuse-limits.js';
import { timestampTooFar, unavailable } from '../protocol/errors.js';
import { halfSipHash13 } from './half-sip-hash.js';
import { NonceFile } from './nonce-file.js';
import { NonceFloor } from './nonce-floor.js';
import { NonceSet } from './nonce-set.js';
import { assertAcceptable, NONCE_BYTES, NONCES_RETRY_AFTER_SECONDS, type NonceStore } from './nonce-store.js';
import { NONCE_WORDS, type HashedNonce, type HashKey } from './nonce-table.js';
import { NonceWindow } from './nonce-window.js';

export interface LocalNonceStoreOptions {
  /** Made if missing. Belongs to this store alone, and to one process. */
  folder: string;
  /** How far a request's timestamp may be from now (`limits.timestampSkewSecondsMax`). */
  timestampSkewSeconds: number;
  /**
   * Beyond this many the store refuses (503) rather than forgets, and well before it the times that it takes are
   * nearer to now ({@link NonceWindow}). Each takes up to 32 bytes of memory and 16 on disk.
   */
  entriesMax?: number;
  clock?: Clock;
  /** Seconds that have passed since some moment, whatever happens to the clock. */
  uptimeSeconds?: () => number;
}

interface Bucket {
  readonly nonces: NonceSet;
  readonly file: NonceFile;
  /** By the uptime: before that it does not go, even if the clock says so. */
  keptUntil: number;
  /** Likewise, not even where there is little room. */
  readonly graceUntil: number;
}

const HOUR = 3600;
/** How long a clock may be ahead when a server starts, until somebody sets it right. */
const START_GRACE_SECONDS = HOUR;
const BUCKET_FILE = /^(\d{1,9})\.bin$/;

/**
 * Nonces of one process, in memory and in an append-only file per hour of the signed timestamp
 * (architecture.md, "Nonces"). A bucket goes as a whole, once no timestamp in it is acceptable any more: by the clock,
 * and by the time that really passed, since a clock that ran ahead is set back one day.
 */
export class LocalNonceStore implements NonceStore {
  private readonly buckets = new Map<number, Bucket>();
  private readonly hashKey = randomHashKey();
  private readonly folder: string;
  private readonly window: NonceWindow;
  private readonly floor: NonceFloor;
  private readonly clock: Clock;
  private readonly uptimeSeconds: () => number;
  private entries = 0;
  private isClosed = false;

  private constructor(options: LocalNonceStoreOptions) {
    this.folder = options.folder;
    const { timestampSkewSeconds, entriesMax = DEFAULT_ABUSE_LIMITS.noncesMax } = options;
    this.window = new NonceWindow({ timestampSkewSeconds, entriesMax });
    this.floor = new NonceFloor(options.folder);
    this.clock = options.clock ?? systemClock;
    this.uptimeSeconds = options.uptimeSeconds ?? (() => performance.now() / 1000);
  }

  /** Loads what an earlier process recorded. What expired meanwhile goes an hour later: the clock may be ahead. */
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

  get size(): number {
    return this.entries;
  }

  get entriesMax(): number {
    return this.window.entriesMax;
  }

  /** How far timestamps may be from now, while there are so many. */
  get windowSeconds(): number {
    return this.window.secondsAt(this.entries);
  }

  get memoryBytes(): number {
    return [...this.buckets.values()].reduce((sum, { nonces }) => sum + nonces.memoryBytes, 0);
  }

  /** Looks into every bucket: the same nonce with another timestamp is a reused one too. */
  has(nonce: Buffer): boolean {
    return this.isKnown(this.hash(nonce));
  }

  /**
   * Throws WireError 425 for a time that is too far from now for a store as full as this, 503 when it is full, and
   * UnavailableError when the nonce cannot be written to disk.
   */
  remember(nonce: Buffer, timestampSeconds: number): boolean {
    if (this.isClosed) throw new Error('The nonce store is closed');
    assertAcceptable(timestampSeconds, this.clock, this.window.timestampSkewSeconds + HOUR);
    const hashed = this.hash(nonce);
    if (this.isKnown(hashed)) return false;
    if (this.window.isFull(this.entries)) this.dropExpired();
    if (!this.takes(timestampSeconds)) throw timestampTooFar();
    if (this.window.isFull(this.entries)) throw unavailable(NONCES_RETRY_AFTER_SECONDS);
    const hour = Math.floor(timestampSeconds / HOUR);
    const bucket = this.bucketOf(hour);
    // Disk first: what cannot be recorded is not accepted. Nothing here awaits, so no other call comes between.
    bucket.file.append(nonce);
    bucket.nonces.add(hashed);
    bucket.keptUntil = Math.max(bucket.keptUntil, this.uptimeSeconds() + this.secondsLeft(hour));
    this.entries++;
    return true;
  }

  dropExpired(): void {
    const oldestFirst = [...this.buckets].sort(([a], [b]) => a - b);
    for (const [hour, bucket] of oldestFirst) {
      const early = this.window.timestampSkewSeconds - this.windowSeconds;
      if (!this.mayGo(hour, bucket, early)) continue;
      if (early > 0 && !this.floor.raise((hour + 1) * HOUR)) return;
      bucket.file.remove();
      this.buckets.delete(hour);
      this.entries -= bucket.nonces.size;
    }
  }

  close(): void {
    this.isClosed = true;
    for (const { file } of this.buckets.values()) file.close();
  }

  private takes(timestampSeconds: number): boolean {
    if (timestampSeconds < this.floor.seconds) return false;
    return this.window.takes(timestampSeconds, this.clock.nowSeconds(), this.entries);
  }

  private async load(hour: number): Promise<void> {
    const file = new NonceFile(this.pathOf(hour));
    const nonces = new NonceSet(this.hashKey, file.count());
    for await (const piece of file.read()) {
      for (let at = 0; at < piece.length; at += NONCE_BYTES) {
        nonces.add(this.hash(piece.subarray(at, at + NONCE_BYTES)));
      }
    }
    const graceUntil = this.uptimeSeconds() + START_GRACE_SECONDS;
    const keptUntil = Math.max(this.uptimeSeconds() + this.secondsLeft(hour), graceUntil);
    this.buckets.set(hour, { nonces, file, keptUntil, graceUntil });
    this.entries += nonces.size;
  }

  private bucketOf(hour: number): Bucket {
    let bucket = this.buckets.get(hour);
    if (!bucket) {
      const nonces = new NonceSet(this.hashKey);
      bucket = { nonces, file: new NonceFile(this.pathOf(hour)), keptUntil: 0, graceUntil: 0 };
      this.buckets.set(hour, bucket);
    }
    return bucket;
  }

  private pathOf(hour: number): string {
    return join(this.folder, `${hour}.bin`);
  }

  /** `early`: by how many seconds less than the full time its requests can be replayed. */
  private mayGo(hour: number, { keptUntil, graceUntil }: Bucket, early: number): boolean {
    return this.secondsLeft(hour) < early && this.uptimeSeconds() >= Math.max(keptUntil - early, graceUntil);
  }

  /** For how long, by the clock, its requests could be replayed. The bucket's last timestamp is a second before its end. */
  private secondsLeft(hour: number): number {
    return (hour + 1) * HOUR + this.window.timestampSkewSeconds - this.clock.nowSeconds();
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
