import type { MailMarksRepository, MailTrace } from '../../storage/mail-marks.repository.js';

/**
 * Ids are drawn before they are committed, so that one may become visible after greater ones: a statement and its
 * transaction take seconds at the most. What came within this time is read again at every look.
 */
const LOOK_BACK_MS = 60_000;
/** At the start nothing is known about the time before; so many that were drawn may not be visible yet. */
const LOOK_BACK_IDS = 2_000;
const NEW_MAX = 5_000;

/** Finds direct messages that other processes wrote, by their ids. */
export class MailTail {
  /** The greatest id that was visible at some time, oldest first; the first is from before the time to look back. */
  private positions: { id: number; atMs: number }[] = [];

  constructor(
    private readonly repository: Pick<MailMarksRepository, 'newest' | 'after'>,
    private readonly listener: {
      /** May be told of one message again and again. */
      found(trace: MailTrace): void;
      /** So many came that they are not told one by one. */
      lost(): void;
    },
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  async look(): Promise<void> {
    const atMs = this.nowMs();
    const [oldest] = this.positions;
    if (!oldest) return this.begin(atMs);
    const traces = await this.repository.after(oldest.id, NEW_MAX);
    if (traces.length === NEW_MAX) {
      await this.begin(atMs);
      return this.listener.lost();
    }
    for (const trace of traces) this.listener.found(trace);
    this.remember(traces.at(-1)?.id ?? oldest.id, atMs);
  }

  private async begin(atMs: number): Promise<void> {
    const newest = await this.repository.newest();
    this.positions = [{ id: Math.max(0, newest - LOOK_BACK_IDS), atMs }];
  }

  private remember(id: number, atMs: number): void {
    this.positions.push({ id, atMs });
    while (this.positions.length > 1 && this.positions[1]!.atMs <= atMs - LOOK_BACK_MS)
      this.positions.shift();
  }
}
