import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where the bytes of files are. Their names are ids, never anything that a user wrote. */
export abstract class BlobStore {
  /** Durable when it resolves; whole or not at all. */
  abstract put(id: number, bytes: Buffer): Promise<void>;
  /** Undefined when there is nothing under this id. */
  abstract get(id: number): Promise<Buffer | undefined>;
  abstract has(id: number): Promise<boolean>;
  /** No error when there is nothing. */
  abstract delete(id: number): Promise<void>;
  /** Ids of everything stored before that time (Unix seconds), in pages of at most `pageSize`, in no order. */
  abstract storedBefore(time: number, pageSize: number): AsyncIterable<number[]>;
}

/** Files per folder stay few enough for every file system. */
const FOLDERS = 256;
const UNFINISHED = '.new';

/** Blobs as files in `folder`, in sub-folders by the last byte of their id. */
export class FolderBlobStore extends BlobStore {
  constructor(private readonly folder: string) {
    super();
  }

  async put(id: number, bytes: Buffer): Promise<void> {
    const path = this.pathOf(id);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = path + UNFINISHED; // an id is given out once, so nobody else writes here
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
    return readFile(this.pathOf(id)).catch(ignoreMissing);
  }

  async delete(id: number): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }

  async has(id: number): Promise<boolean> {
    return (await stat(this.pathOf(id)).catch(ignoreMissing)) !== undefined;
  }

  /** What an interrupted {@link put} left goes on the way. */
  async *storedBefore(time: number, pageSize: number): AsyncGenerator<number[]> {
    for (const folder of (await readdir(this.folder).catch(ignoreMissing)) ?? []) {
      let page: number[] = [];
      for (const name of await readdir(join(this.folder, folder))) {
        const path = join(this.folder, folder, name);
        const found = await stat(path).catch(ignoreMissing);
        if (!found || found.mtimeMs / 1000 >= time) continue;
        if (name.endsWith(UNFINISHED)) await rm(path, { force: true });
        else if (/^\d+$/.test(name)) page.push(Number(name));
        if (page.length < pageSize) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    }
  }

  private pathOf(id: number): string {
    if (!Number.isSafeInteger(id) || id < 0) throw new RangeError('a blob id is a non-negative integer');
    return join(this.folder, (id % FOLDERS).toString(16).padStart(2, '0'), String(id));
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
