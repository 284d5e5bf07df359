import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FLOOR_FILE = 'oldest-accepted';

/** The time before which a store of nonces takes no timestamp, on disk. It is never lowered. */
export class NonceFloor {
  private readonly path: string;
  private current: number;

  constructor(folder: string) {
    this.path = join(folder, FLOOR_FILE);
    this.current = readFloor(this.path);
  }

  get seconds(): number {
    return this.current;
  }

  /** False when it cannot be written (the disk is full): nothing may be dropped then. */
  raise(seconds: number): boolean {
    if (seconds <= this.current) return true;
    try {
      writeFileSync(`${this.path}.new`, `${seconds}\n`, { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
    } catch {
      return false;
    }
    this.current = seconds;
    return true;
  }
}

function readFloor(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) || 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
