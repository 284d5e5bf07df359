import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BlobStream } from '../blob-store.js';
import { openPlain, plainSize, type PlainPath } from '../plain-file.js';

/** The uploads of the reference server: `TOKEN/ID_NAME`, of which the database knows the path from the server's folder. Links are passed over. */
export class SogsUploads {
  constructor(private readonly folder: string) {}

  /** Where a file with this path in the database is; undefined when it is missing or has another size. */
  async find(path: string, size: number): Promise<PlainPath | undefined> {
    for (const candidate of this.candidates(path))
      if ((await plainSize(candidate).catch(() => undefined)) === size) return candidate;
    return undefined;
  }

  async open(place: PlainPath): Promise<BlobStream> {
    const { file, size } = await openPlain(place);
    return { size, stream: createReadStream('', { fd: file }) };
  }

  /** The folder may have been copied elsewhere and renamed: what counts are the last two names. Never out of it. */
  private candidates(path: string): PlainPath[] {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.length === 0 || parts.includes('..')) return [];
    return [
      { root: this.folder, path: join(...parts.slice(-2)) },
      { root: dirname(this.folder), path: join(...parts) },
      { root: this.folder, path: join(...parts) },
    ];
  }
}
