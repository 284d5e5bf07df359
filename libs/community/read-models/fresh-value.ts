/** What a value was when somebody began to look whether it has changed. */
export interface Basis {
  readonly generation: number;
  readonly loads: number;
}

/**
 * A copy of something in the database that is loaded when it is asked for after it was marked stale.
 *
 * A load that began before {@link markStale} is never handed to whoever asks after it, since it may not have seen the
 * change. Loads run one after the other, each on a later snapshot than the one before, so that nobody sees an older
 * state after a newer one. Whoever asks while a load is under way shares it, or the next one.
 */
export class FreshValue<Value extends object | null> {
  private generation = 0;
  private loadedGeneration = -1;
  private loads = 0;
  private loading: Promise<void> | undefined;
  private value: Value | undefined;

  /** `load` gets what was known before, and may throw: then everybody who waits for it is told. */
  constructor(private readonly load: (before: Value | undefined) => Promise<Value>) {}

  /** What was loaded last, stale or not. */
  get latest(): Value | undefined {
    return this.value;
  }

  /** What is loaded and not stale. */
  get current(): Value | undefined {
    return this.loadedGeneration === this.generation ? this.value : undefined;
  }

  /** From now on nobody gets what was loaded before. */
  markStale(): void {
    this.generation++;
  }

  read(): Value | Promise<Value> {
    return this.current ?? this.loadUpTo(this.generation);
  }

  /** To be taken before one looks for changes elsewhere, and handed to {@link replace} with what was found. */
  basis(): Basis {
    return { generation: this.generation, loads: this.loads };
  }

  /** False, and nothing is changed, when the value was marked stale or loaded since `basis`, or is being loaded. */
  replace(value: Value, basis: Basis): boolean {
    if (this.loading || this.loads !== basis.loads || this.generation !== basis.generation) return false;
    if (this.loadedGeneration !== this.generation) return false;
    this.value = value;
    return true;
  }

  /** Adds to what is loaded, stale or not, something that holds for it and for all that will be loaded later. */
  amend(change: (value: Value) => Value): void {
    if (this.value !== undefined) this.value = change(this.value);
  }

  private async loadUpTo(generation: number): Promise<Value> {
    while (this.loadedGeneration < generation) await (this.loading ??= this.loadOnce());
    return this.value as Value;
  }

  private async loadOnce(): Promise<void> {
    const { generation } = this;
    try {
      this.value = await this.load(this.value);
      this.loadedGeneration = generation;
      this.loads++;
    } finally {
      this.loading = undefined;
    }
  }
}
