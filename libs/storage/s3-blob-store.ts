import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { formatFilesUrl, type FilesLocation, type S3Access } from '../config/files-url.js';
import { blobIdOf, blobPath } from './blob-layout.js';
import { BLOB_PAGE, BlobStore, type BlobStream, type StoredBlob } from './blob-store.js';
import { ExactStream, withFailures } from './blob-streams.js';
import { S3Connection, type PutAnswer, type S3TimeLimits } from './s3-connection.js';
import { FilesUnavailableError } from './storage-errors.js';

/** Of requests that remove one object each, where the server knows none that removes many. */
const SINGLE_DELETES_AT_ONCE = 16;

/** Blobs as objects in a bucket, all under one prefix. It connects when it is first used. */
export class S3BlobStore extends BlobStore {
  readonly url: string;
  private readonly prefix: string;
  private readonly connection: S3Connection;
  private canDeleteMany = true;

  constructor(location: Extract<FilesLocation, { kind: 's3' }>, access: S3Access, limits?: S3TimeLimits) {
    super();
    this.url = formatFilesUrl(location);
    this.prefix = location.prefix && `${location.prefix}/`;
    const { bucket } = location;
    const place = { url: this.url, bucket, endpoint: access.endpoint };
    this.connection = new S3Connection(access, place, limits);
  }

  async put(id: number, bytes: Buffer): Promise<void> {
    await this.connection.put(this.keyOf(id), bytes, bytes.length);
  }

  async putStream(id: number, { size, stream }: BlobStream): Promise<void> {
    const md5 = createHash('md5');
    const exact = new ExactStream(size, (chunk) => void md5.update(chunk));
    const aborting = new AbortController();
    let broken: unknown;
    const feeding = pipeline(stream, exact).catch((error: unknown) => {
      broken = error; // else the request would wait for the rest of its body
      aborting.abort();
    });
    try {
      const answer = await this.connection.put(this.keyOf(id), exact, size, aborting.signal);
      await feeding;
      if (isChanged(md5.digest('hex'), answer))
        throw new FilesUnavailableError(`The file store ${this.url} got other bytes than were sent.`);
    } catch (error) {
      exact.destroy();
      throw broken ?? error;
    } finally {
      await feeding;
    }
  }

  get(id: number): Promise<Buffer | undefined> {
    return this.connection.read(this.keyOf(id));
  }

  async openStream(id: number): Promise<BlobStream | undefined> {
    const opened = await this.connection.open(this.keyOf(id));
    if (!opened) return undefined;
    const stream = withFailures(opened.stream, (error) => this.connection.failure(error));
    return { size: opened.size, stream };
  }

  sizeOf(id: number): Promise<number | undefined> {
    return this.connection.sizeOf(this.keyOf(id));
  }

  async delete(ids: readonly number[]): Promise<void> {
    const keys = ids.map((id) => this.keyOf(id));
    for (let at = 0; at < keys.length; at += BLOB_PAGE) await this.deletePage(keys.slice(at, at + BLOB_PAGE));
  }

  async *list(): AsyncGenerator<StoredBlob[]> {
    let from: string | undefined;
    do {
      const { objects, next } = await this.connection.list(this.prefix, from);
      const page = objects.flatMap(({ key, size, storedAt }) => {
        const id = blobIdOf(key.slice(this.prefix.length));
        return id === undefined ? [] : [{ id, size, storedAt }];
      });
      if (page.length > 0) yield page;
      from = next;
    } while (from !== undefined);
  }

  now(): Promise<number> {
    return this.connection.now(this.prefix);
  }

  /** An object is there whole or not at all. */
  async removeUnfinished(): Promise<void> {}

  async readNote(name: string): Promise<string | undefined> {
    return (await this.connection.read(this.prefix + name))?.toString();
  }

  async writeNote(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.connection.put(this.prefix + name, bytes, bytes.length);
  }

  removeNote(name: string): Promise<void> {
    return this.connection.delete(this.prefix + name);
  }

  close(): void {
    this.connection.close();
  }

  private keyOf(id: number): string {
    return this.prefix + blobPath(id);
  }

  private async deletePage(keys: readonly string[]): Promise<void> {
    if (keys.length > 1 && this.canDeleteMany) {
      if (await this.connection.deleteMany(keys)) return;
      this.canDeleteMany = false;
    }
    for (let at = 0; at < keys.length; at += SINGLE_DELETES_AT_ONCE) {
      const some = keys.slice(at, at + SINGLE_DELETES_AT_ONCE);
      await Promise.all(some.map((key) => this.connection.delete(key)));
    }
  }
}

/** The ETag is the MD5 of the bytes, unless the server encrypted them under a key of its own or counts otherwise. */
function isChanged(md5: string, { etag, encryption }: PutAnswer): boolean {
  const isMd5 = etag !== undefined && /^[0-9a-f]{32}$/.test(etag) && !encryption?.startsWith('aws:kms');
  return isMd5 && etag !== md5;
}
