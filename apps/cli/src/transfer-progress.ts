import type { ProgressOutput } from './file-move-progress.js';
import { formatBytes, formatSeconds } from './output.js';

const TERMINAL_EVERY_MS = 200;
const LINES_EVERY_MS = 10_000;
const ERASE_TO_END = '\x1b[K';

export interface TransferProgress {
  /** What is done, as the person sees it. */
  what: string;
  /** Of `total`, if that is known; bytes or things. */
  done: number;
  total?: number;
  unit: 'bytes' | 'rows' | 'files';
}

/** Tells people how far a long work is, how fast, and how long it will take. On standard error. */
export class TransferProgressLine {
  private shownAt = -Infinity;
  private phase = { what: '', since: 0, from: 0 };

  constructor(
    private readonly output: ProgressOutput = process.stderr,
    private readonly nowMs: () => number = Date.now,
  ) {
    if (!output.isTTY) this.shownAt = nowMs(); // what is done soon needs no line
  }

  show(progress: TransferProgress): void {
    const now = this.nowMs();
    if (progress.what !== this.phase.what)
      this.phase = { what: progress.what, since: now, from: progress.done };
    const { isTTY = false } = this.output;
    if (now - this.shownAt < (isTTY ? TERMINAL_EVERY_MS : LINES_EVERY_MS)) return;
    this.shownAt = now;
    const { since, from } = this.phase;
    const line = transferText(progress, { seconds: (now - since) / 1000, from });
    this.output.write(isTTY ? `\r${line}${ERASE_TO_END}` : `${line}\n`);
  }

  /** Leaves the terminal at the start of an empty line. */
  end(): void {
    if (this.output.isTTY) this.output.write(`\r${ERASE_TO_END}`);
  }
}

/** `since` then: seconds of the phase, and what was done before it began. */
export function transferText(
  { what, done, total, unit }: TransferProgress,
  { seconds, from }: { seconds: number; from: number },
): string {
  const amount = (value: number): string =>
    unit === 'bytes' ? formatBytes(value) : `${Math.round(value)} ${unit}`;
  const parts = [`${what}: ${total === undefined ? amount(done) : `${amount(done)} of ${amount(total)}`}`];
  const perSecond = seconds > 0 ? (done - from) / seconds : 0;
  if (total !== undefined && total > 0) parts.push(`${Math.min(100, Math.floor((done / total) * 100))} %`);
  if (perSecond > 0) parts.push(`${amount(perSecond)}/s`);
  if (perSecond > 0 && total !== undefined)
    parts.push(`${formatSeconds(Math.max(0, total - done) / perSecond)} left`);
  return parts.join(', ');
}
