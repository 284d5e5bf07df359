import type { FileMoveProgress } from '../../../libs/community/file-move.service.js';
import { formatBytes, formatSeconds } from './output.js';

const TERMINAL_EVERY_MS = 200;
const LINES_EVERY_MS = 10_000;
const ERASE_TO_END = '\x1b[K';

/** Where progress is shown: at a terminal one line that changes, else a line now and then. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells people how far a move is. On standard error, so that what a program reads stays clean. */
export class FileMoveProgressLine {
  private shownAt = -Infinity;
  private copyingSince: number | undefined;

  constructor(
    private readonly output: ProgressOutput,
    private readonly nowMs: () => number = Date.now,
  ) {
    if (!output.isTTY) this.shownAt = nowMs(); // what is done soon needs no line
  }

  show(progress: FileMoveProgress): void {
    const now = this.nowMs();
    if (progress.phase === 'copying') this.copyingSince ??= now;
    const { isTTY = false } = this.output;
    if (now - this.shownAt < (isTTY ? TERMINAL_EVERY_MS : LINES_EVERY_MS)) return;
    this.shownAt = now;
    const line = progressText(progress, (now - (this.copyingSince ?? now)) / 1000);
    this.output.write(isTTY ? `\r${line}${ERASE_TO_END}` : `${line}\n`);
  }

  /** Leaves the terminal at the start of an empty line. */
  end(): void {
    if (this.output.isTTY) this.output.write(`\r${ERASE_TO_END}`);
  }
}

/** `seconds`: since the first file was copied. */
export function progressText(progress: FileMoveProgress, seconds: number): string {
  const { files, bytes, skipped, copied, compared } = progress;
  if (progress.phase === 'comparing') return `Looking at what is there: ${compared} files`;
  const doneFiles = Math.min(files, skipped.files + copied.files);
  const doneBytes = Math.min(bytes, skipped.bytes + copied.bytes);
  const perSecond = seconds > 0 ? copied.bytes / seconds : 0;
  const percent = files === 0 ? 100 : Math.floor((doneFiles / files) * 100);
  const parts = [
    `${doneFiles} of ${files} files (${percent} %)`,
    `${formatBytes(doneBytes)} of ${formatBytes(bytes)}`,
  ];
  if (perSecond > 0)
    parts.push(`${formatBytes(perSecond)}/s`, `${formatSeconds((bytes - doneBytes) / perSecond)} left`);
  return parts.join(', ');
}
