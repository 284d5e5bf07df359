import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '../kept-processes.js';

const PIECE = Buffer.alloc(64 * 1024, 'x');

/** A file system of its own in memory, with an end that is soon reached. */
export class SmallDisk {
  private readonly filler: string;

  private constructor(readonly folder: string) {
    this.filler = join(folder, 'filler');
  }

  /** At `folder`, which is made if it is not there. Throws where mounting is not permitted. */
  static mount(mebibytes: number, folder = freshFolder()): SmallDisk {
    mkdirSync(folder, { recursive: true });
    const options = `size=${mebibytes}m,mode=0711`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'plaza-faults', folder], { stdio: 'pipe' });
    return new SmallDisk(folder);
  }

  /** Down to the last byte. */
  fill(): void {
    const file = openSync(this.filler, 'a');
    try {
      for (let bytes = PIECE.length; bytes > 0;)
        try {
          writeSync(file, PIECE, 0, bytes);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          bytes = Math.floor(bytes / 2);
        }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.filler);
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.folder]);
  }
}

/** Why there can be none; undefined where there can. */
export function noDisk(): string | undefined {
  try {
    SmallDisk.mount(1).unmount();
    return undefined;
  } catch (error) {
    return `no file system can be mounted here: ${(error as Error).message.trim()}`;
  }
}
