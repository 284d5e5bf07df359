import { BoundedCache } from '../../../../../libs/protocol/bounded-cache.js';

interface Kept<Value> {
  value: Value;
  until: number;
}

/**
 * Answers that everybody gets alike, each made once in a while, so that nobody can load the database by asking:
 * those who ask meanwhile share the one that is being made, those who ask shortly after get it again. `undefined`
 * (nothing there) is shared while it is looked for, but not kept, so that made-up keys push nothing out.
 */
export class SharedAnswers<Value extends NonNullable<unknown>> {
  private readonly kept: BoundedCache<string, Kept<Value>>;
  /** As many as there are requests under way at most. */
  private readonly underWay = new Map<string, Promise<Value | undefined>>();

  constructor(private readonly options: { entriesMax: number; keptForMs: number; nowMs?: () => number }) {
    this.kept = new BoundedCache(options.entriesMax);
  }

  get(key: string, make: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const kept = this.kept.get(key);
    if (kept && kept.until > this.nowMs()) return Promise.resolve(kept.value);
    const current = this.underWay.get(key);
    if (current) return current;
    const making = this.make(key, make).finally(() => this.underWay.delete(key));
    this.underWay.set(key, making);
    return making;
  }

  private async make(key: string, make: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const value = await make();
    if (value === undefined) this.kept.delete(key);
    else this.kept.set(key, { value, until: this.nowMs() + this.options.keptForMs });
    return value;
  }

  private nowMs(): number {
    return this.options.nowMs?.() ?? performance.now();
  }
}
