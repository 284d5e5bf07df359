import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStream } from '../blob-store.js';

/** The uploads of the reference server: `TOKEN/ID_NAME`, of which the database knows the path from the server's folder. */
export class SogsUploads {
  constructor(private readonly folder: string) {}

  /** Where a file with this path in the database is; undefined when it is missing or has another size. */
  async find(path: string, size: number): Promise<string | undefined> {
    for (const candidate of this.candidates(path)) {
      const found = await stat(candidate).catch(() => undefined);
      if (found?.isFile() && found.size === size) return candidate;
    }
    return undefined;
  }

  open(path: string, size: number): BlobStream {
    return { size, stream: createReadStream(path) };
  }

  /** The folder may have been copied elsewhere and renamed: what counts are the last two names. Never out of it. */
  private candidates(path: string): string[] {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.length === 0 || parts.includes('..')) return [];
    return [
      join(this.folder, ...parts.slice(-2)),
      join(dirname(this.folder), ...parts),
      join(this.folder, ...parts),
    ];
  }
}
