/**
 * At most so many at a time. Who waits stands in the line of their key, and the lines take turns: whoever asks for much
 * delays each of the others by one of theirs. Returns or throws what the work does.
 *
 * What waits is not bounded here: whoever calls waits for the answer, and those who may call at one time are bounded.
 */
export class FairLimit<Key> {
  private running = 0;
  private readonly lines = new Map<Key, (() => void)[]>();

  constructor(private readonly atOnceMax: number) {}

  async run<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    if (this.running < this.atOnceMax) this.running++;
    else await this.turnOf(key);
    try {
      return await work();
    } finally {
      this.handOn();
    }
  }

  private turnOf(key: Key): Promise<void> {
    return new Promise((resolve) => {
      const line = this.lines.get(key);
      if (line) line.push(resolve);
      else this.lines.set(key, [resolve]);
    });
  }

  /** A place goes to the first of a line, which stands behind the other lines then. */
  private handOn(): void {
    for (const [key, line] of this.lines) {
      this.lines.delete(key);
      const begin = line.shift();
      if (line.length > 0) this.lines.set(key, line);
      return begin!();
    }
    this.running--;
  }
}
