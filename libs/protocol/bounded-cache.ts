/**
 * A map that holds at most `entriesMax` entries and forgets the least recently used one to make room.
 * Reading an entry counts as using it. Values are never `undefined`, so that {@link get} can say "not here".
 */
export class BoundedCache<Key, Value extends NonNullable<unknown> | null> {
  /** A Map keeps insertion order: the first key is the one unused for longest. */
  private readonly entries = new Map<Key, Value>();

  /** Throws RangeError unless `entriesMax` is a positive integer. */
  constructor(private readonly entriesMax: number) {
    if (!Number.isInteger(entriesMax) || entriesMax < 1) {
      throw new RangeError(`A cache needs room for at least one entry, not ${entriesMax}`);
    }
  }

  get size(): number {
    return this.entries.size;
  }

  /** The value, which is now the most recently used one; undefined if it is not here. */
  get(key: Key): Value | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  /** Whether the key is here; does not count as a use. */
  has(key: Key): boolean {
    return this.entries.has(key);
  }

  set(key: Key, value: Value): void {
    if (!this.entries.delete(key) && this.entries.size >= this.entriesMax) this.forgetOldest();
    this.entries.set(key, value);
  }

  /** True if the key was here. */
  delete(key: Key): boolean {
    return this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  private forgetOldest(): void {
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      return;
    }
  }
}
