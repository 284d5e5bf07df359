/** What a batch does in one turn: about as much as some ordinary requests. */
const PARTS_MAX = 25;
const ANSWER_BYTES_MAX = 64 * 1024;

/**
 * What a batch has done since others had a turn. Parts that are answered from memory come one after the other without
 * anything between them, five hundred of them if a batch has as many.
 */
export class BatchStint {
  private parts = 0;
  private bytes = 0;

  /** `isAwaited`: whether anybody still waits for the answer. */
  constructor(
    private readonly turns: BatchTurns,
    private readonly isAwaited: () => boolean,
  ) {}

  partDone(answerBytes: number): void {
    this.parts++;
    this.bytes += answerBytes;
  }

  /** Whether others come first, before another part. */
  get isLong(): boolean {
    return this.parts >= PARTS_MAX || this.bytes >= ANSWER_BYTES_MAX;
  }

  /** False where nobody waits for the batch any more: its answers would lie in memory for nobody. */
  async turn(): Promise<boolean> {
    await this.turns.next();
    [this.parts, this.bytes] = [0, 0];
    return this.isAwaited();
  }
}

/**
 * Of the long batches one goes on per turn of the event loop, so that all of them together leave most of it to other
 * requests. What waits is bounded by the requests that are under way.
 */
export class BatchTurns {
  private readonly waiting: (() => void)[] = [];

  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.push(resolve) === 1) setImmediate(this.begin);
    });
  }

  private readonly begin = (): void => {
    this.waiting.shift()!();
    if (this.waiting.length > 0) setImmediate(this.begin);
  };
}
