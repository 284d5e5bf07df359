import type { Readable } from 'node:stream';

/** Bytes under way, of a size that is known before they come. */
export interface BlobStream {
  readonly size: number;
  readonly stream: Readable;
}

export interface StoredBlob {
  readonly id: number;
  readonly size: number;
  /** Unix seconds, by the clock of the store. */
  readonly storedAt: number;
}

/** Blobs on one page of {@link BlobStore.list}, and in one request that removes many. */
export const BLOB_PAGE = 1000;

/**
 * Where the bytes of files are. Their names are ids, never anything that a user wrote (blob-layout.ts). Beside them a
 * few short notes of the server itself may lie. Everything rejects with {@link FilesUnavailableError} when the store is
 * away or refuses, within a bounded time.
 */
export abstract class BlobStore {
  /** As in FILES_URL. */
  abstract readonly url: string;
  /** Durable when it resolves; whole or not at all. */
  abstract put(id: number, bytes: Buffer): Promise<void>;
  /** The same for bytes that are not to be held in memory. Rejects when they are not as many as was said. */
  abstract putStream(id: number, content: BlobStream): Promise<void>;
  /** Undefined when there is nothing under this id. */
  abstract get(id: number): Promise<Buffer | undefined>;
  /** Whoever opens a stream reads it to its end or destroys it. Undefined when there is nothing. */
  abstract openStream(id: number): Promise<BlobStream | undefined>;
  /** Undefined when there is nothing. */
  abstract sizeOf(id: number): Promise<number | undefined>;
  /** Any number at once. No error when there is nothing. */
  abstract delete(ids: readonly number[]): Promise<void>;
  /** Every blob, in pages of at most {@link BLOB_PAGE}, in no order. What is no blob is passed over. */
  abstract list(): AsyncIterable<StoredBlob[]>;
  /**
   * Unix seconds, by the clock of the store: no other tells how old something in it is. The server's own may be hours
   * ahead, and would call an upload that is under way left behind.
   */
  abstract now(): Promise<number>;
  /** Removes what interrupted writes left behind before that time (Unix seconds, by the clock of the store). */
  abstract removeUnfinished(before: number): Promise<void>;
  /** Undefined when there is none of that name. */
  abstract readNote(name: string): Promise<string | undefined>;
  abstract writeNote(name: string, text: string): Promise<void>;
  abstract removeNote(name: string): Promise<void>;
  /** Idle connections go; may be called twice. */
  abstract close(): void;
}
