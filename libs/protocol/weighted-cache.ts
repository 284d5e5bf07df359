interface Entry<Value> {
  value: Value;
  weight: number;
  wasUsed: boolean;
}

/**
 * A map whose entries together weigh at most `weightMax` (bytes, or a number of entries): to make room it forgets
 * entries that were not used since they were last passed over ("second chance"). Unlike in a BoundedCache a look-up
 * moves nothing, which matters where every request makes several.
 */
export class WeightedCache<Key, Value extends object> {
  private readonly entries = new Map<Key, Entry<Value>>();
  private total = 0;

  /** Throws RangeError unless `weightMax` is positive. */
  constructor(
    private readonly weightMax: number,
    /** Told of what is forgotten to make room, not of what is deleted. */
    private readonly onForgotten: (key: Key, value: Value) => void = () => undefined,
  ) {
    if (!(weightMax > 0)) throw new RangeError(`A cache needs room, not ${weightMax}`);
  }

  get size(): number {
    return this.entries.size;
  }

  get weight(): number {
    return this.total;
  }

  get(key: Key): Value | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    entry.wasUsed = true;
    return entry.value;
  }

  /** In no particular order; counts as no use. */
  *values(): Generator<Value> {
    for (const { value } of this.entries.values()) yield value;
  }

  /** What weighs more than all that is allowed is not kept. */
  set(key: Key, value: Value, weight: number): void {
    this.delete(key);
    if (weight > this.weightMax) return;
    this.entries.set(key, { value, weight, wasUsed: true });
    this.total += weight;
    this.makeRoom();
  }

  /** For a value that grew or shrank; nothing happens when it is not here any more. */
  reweigh(key: Key, value: Value, weight: number): void {
    const entry = this.entries.get(key);
    if (entry?.value !== value) return;
    this.total += weight - entry.weight;
    entry.weight = weight;
    if (weight <= this.weightMax) return this.makeRoom();
    this.delete(key);
    this.onForgotten(key, value);
  }

  /** True if the key was here. */
  delete(key: Key): boolean {
    const entry = this.entries.get(key);
    if (!entry) return false;
    this.total -= entry.weight;
    return this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.total = 0;
  }

  /** Each entry is passed over once at most, and those that were used come last. */
  private makeRoom(): void {
    for (const [key, entry] of this.entries) {
      if (this.total <= this.weightMax) return;
      this.entries.delete(key);
      if (entry.wasUsed) {
        entry.wasUsed = false;
        this.entries.set(key, entry);
        continue;
      }
      this.total -= entry.weight;
      this.onForgotten(key, entry.value);
    }
  }
}
