import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where the bytes of files are. Their names are ids, never anything that a user wrote. */
export abstract class BlobStore {
  /** Durable when it resolves; whole or not at all. */
  abstract put(id: number, bytes: Buffer): Promise<void>;
  /** Undefined when there is nothing under this id. */
  abstract get(id: number): Promise<Buffer | undefined>;
  /** No error when there is nothing. */
  abstract delete(id: number): Promise<void>;
}

/** Files per folder stay few enough for every file system. */
const FOLDERS = 256;

/** Blobs as files in `folder`, in sub-folders by the last byte of their id. */
export class FolderBlobStore extends BlobStore {
  constructor(private readonly folder: string) {
    super();
  }

  async put(id: number, bytes: Buffer): Promise<void> {
    const path = this.pathOf(id);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = `${path}.new`; // an id is given out once, so nobody else writes here
    try {
      const file = await open(fresh, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  }

  async get(id: number): Promise<Buffer | undefined> {
    try {
      return await readFile(this.pathOf(id));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async delete(id: number): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }

  private pathOf(id: number): string {
    if (!Number.isSafeInteger(id) || id < 0) throw new RangeError('a blob id is a non-negative integer');
    return join(this.folder, (id % FOLDERS).toString(16).padStart(2, '0'), String(id));
  }
}
