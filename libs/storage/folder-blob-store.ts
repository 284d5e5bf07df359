import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, opendir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatFilesUrl } from '../config/files-url.js';
import { blobIdOf, blobPath, isBlobFolder } from './blob-layout.js';
import { BLOB_PAGE, BlobStore, type BlobStream, type StoredBlob } from './blob-store.js';
import { ExactStream, withFailures } from './blob-streams.js';
import { openPlain, plainSize, refuseLinkedFolders } from './plain-file.js';
import { FilesUnavailableError } from './storage-errors.js';

const UNFINISHED = /\.\d+-\d+\.new$/;
const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;

let drafts = 0;

/** Blobs as files in a folder, which is made when it is first needed. */
export class FolderBlobStore extends BlobStore {
  readonly url: string;

  constructor(private readonly folder: string) {
    super();
    this.url = formatFilesUrl({ kind: 'folder', path: folder });
  }

  async put(id: number, bytes: Buffer): Promise<void> {
    await this.write(blobPath(id), (file) => file.writeFile(bytes));
  }

  async putStream(id: number, { size, stream }: BlobStream): Promise<void> {
    await this.write(blobPath(id), (file) =>
      pipeline(stream, new ExactStream(size), (chunks) => file.writeFile(chunks)),
    );
  }

  async get(id: number): Promise<Buffer | undefined> {
    const found = await this.orMissing(openPlain(this.plain(id)));
    return found && this.orMissing(found.file.readFile().finally(() => found.file.close()));
  }

  async openStream(id: number): Promise<BlobStream | undefined> {
    const found = await this.orMissing(openPlain(this.plain(id)));
    if (!found) return undefined;
    const { file, size } = found;
    const stream = createReadStream('', { fd: file }); // the handle closes with it
    return { size, stream: withFailures(stream, (error) => this.failure(error)) };
  }

  async sizeOf(id: number): Promise<number | undefined> {
    return this.orMissing(plainSize(this.plain(id)));
  }

  async delete(ids: readonly number[]): Promise<void> {
    for (const id of ids) await this.remove(blobPath(id));
  }

  async *list(): AsyncGenerator<StoredBlob[]> {
    let page: number[] = [];
    for await (const path of this.paths()) {
      const id = blobIdOf(path);
      if (id !== undefined) page.push(id);
      if (page.length < BLOB_PAGE) continue;
      yield await this.described(page);
      page = [];
    }
    if (page.length > 0) yield await this.described(page);
  }

  /** The disk's, which need not be in this computer. Writes nothing where there is no folder. */
  async now(): Promise<number> {
    const draft = draftOf('clock');
    const file = await this.orMissing(open(this.at(draft), 'wx', OWNER_ONLY_FILE));
    if (!file) return Date.now() / 1000; // nothing lies here that could have an age
    try {
      return (await file.stat()).mtimeMs / 1000;
    } finally {
      await file.close();
      await this.remove(draft);
    }
  }

  async removeUnfinished(before: number): Promise<void> {
    for await (const path of this.paths()) {
      if (!UNFINISHED.test(path)) continue;
      const found = await this.orMissing(stat(this.at(path)));
      if (found && found.mtimeMs / 1000 < before) await this.remove(path);
    }
  }

  readNote(name: string): Promise<string | undefined> {
    return this.orMissing(readFile(this.at(name), 'utf8'));
  }

  writeNote(name: string, text: string): Promise<void> {
    return this.write(name, (file) => file.writeFile(text));
  }

  removeNote(name: string): Promise<void> {
    return this.remove(name);
  }

  close(): void {}

  private at(path: string): string {
    return join(this.folder, path);
  }

  private plain(id: number) {
    return { root: this.folder, path: blobPath(id) };
  }

  /** Under another name first, and on the disk before it gets its own. */
  private async write(path: string, fill: (file: FileHandle) => Promise<unknown>): Promise<void> {
    const target = this.at(path);
    const draft = draftOf(target);
    try {
      await makeFolder(dirname(target));
      await refuseLinkedFolders({ root: this.folder, path });
      const file = await open(draft, 'wx', OWNER_ONLY_FILE);
      try {
        await fill(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, target);
      await syncFolder(dirname(target));
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw this.failure(error);
    }
  }

  private async remove(path: string): Promise<void> {
    await this.orMissing(rm(this.at(path), { force: true }));
  }

  /** Paths in the folder and its sub-folders, from the folder on. */
  private async *paths(): AsyncGenerator<string> {
    for (const name of await this.namesIn('')) {
      if (!isBlobFolder(name)) yield name;
      else {
        await refuseLinkedFolders({ root: this.folder, path: join(name, '*') });
        for (const inner of await this.namesIn(name)) yield `${name}/${inner}`;
      }
    }
  }

  private async namesIn(path: string): Promise<string[]> {
    const found = await this.orMissing(opendir(this.at(path)));
    const names: string[] = [];
    if (found) for await (const { name } of found) names.push(name);
    return names;
  }

  /** Without those that are gone meanwhile. */
  private async described(ids: readonly number[]): Promise<StoredBlob[]> {
    const blobs = await Promise.all(
      ids.map(async (id) => {
        const found = await this.orMissing(lstat(this.at(blobPath(id))));
        return found?.isFile() ? { id, size: found.size, storedAt: found.mtimeMs / 1000 } : undefined;
      }),
    );
    return blobs.filter((blob) => blob !== undefined);
  }

  private async orMissing<Result>(result: Promise<Result>): Promise<Result | undefined> {
    try {
      return await result;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.failure(error);
    }
  }

  /** What the operating system refuses is for the operator to settle; anything else stays what it is. */
  private failure(error: unknown): unknown {
    const { syscall, code } = error as NodeJS.ErrnoException;
    if (typeof syscall !== 'string') return error;
    const hint = code === 'ENOSPC' ? 'The disk is full' : 'Check that the disk is there, and who owns it';
    return new FilesUnavailableError(`The folder ${this.folder} cannot be used (${code}). ${hint}.`);
  }
}

/** A name of its own beside that path, for what is not finished. */
const draftOf = (path: string): string => `${path}.${process.pid}-${++drafts}.new`;

/** With the folders above it; durable when it resolves. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
