export interface TokenBucketsOptions {
  /** What flows into each bucket; 0: no limit. */
  perSecond: number;
  /** What a bucket holds, and what each begins with. */
  burst: number;
  /** Buckets that are kept; beyond it the oldest is forgotten, as if it were full. */
  keysMax?: number;
  nowMs?: () => number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const KEYS_MAX_DEFAULT = 100_000;

/**
 * Limits of this process alone: they protect its processor, so each process has its own, and asking costs a look into
 * a map. What is to hold for all processes is counted in `EventWindows`.
 */
export class TokenBuckets<Key> {
  private readonly buckets = new Map<Key, Bucket>();
  private readonly keysMax: number;
  private readonly nowMs: () => number;

  constructor(private readonly options: TokenBucketsOptions) {
    this.keysMax = options.keysMax ?? KEYS_MAX_DEFAULT;
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  /** 0 when there were enough tokens, which are gone then; else nothing is taken, and in so many seconds there are. */
  take(key: Key, tokens: number): number {
    const { perSecond, burst } = this.options;
    if (perSecond === 0) return 0;
    const now = this.nowMs();
    const bucket = this.buckets.get(key) ?? this.begin(key, now);
    const flown = ((now - bucket.atMs) / 1000) * perSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + flown);
    bucket.atMs = now;
    const wanted = Math.min(tokens, burst);
    if (bucket.tokens < wanted) return (wanted - bucket.tokens) / perSecond;
    bucket.tokens -= wanted;
    return 0;
  }

  /** What was taken for nothing. */
  giveBack(key: Key, tokens: number): void {
    const bucket = this.buckets.get(key);
    if (bucket) bucket.tokens = Math.min(this.options.burst, bucket.tokens + tokens);
  }

  private begin(key: Key, now: number): Bucket {
    if (this.buckets.size >= this.keysMax) {
      const [oldest] = this.buckets.keys();
      this.buckets.delete(oldest as Key);
    }
    const bucket = { tokens: this.options.burst, atMs: now };
    this.buckets.set(key, bucket);
    return bucket;
  }
}
