import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freshFolder } from '../kept-processes.js';

const PRELOAD = join(__dirname, 'clock-preload.cjs');
/** The programs look every 20 ms. */
const NOTICED_MS = 100;

/** The clock of programs that are started with `env`. */
export class MovedClock {
  private readonly file = freshFolder();

  constructor() {
    this.write(0);
  }

  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--require=${PRELOAD}`, MOVED_CLOCK: this.file };
  }

  /** How far from the machine's clock it is from now on. Answers once the programs know. */
  async set(offsetMs: number): Promise<void> {
    this.write(Math.round(offsetMs));
    await delay(NOTICED_MS);
  }

  private write(offsetMs: number): void {
    writeFileSync(`${this.file}.new`, String(offsetMs));
    renameSync(`${this.file}.new`, this.file);
  }
}
