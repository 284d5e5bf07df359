import { z } from 'zod';
import { OperatorError } from '../protocol/operator-error.js';
import type { BlobStore } from '../storage/blob-store.js';
import type { FileInventoryRepository } from '../storage/file-inventory.repository.js';
import { jsonIn } from '../protocol/json.js';

const MARK = 'plaza.json';
/** Written and removed again, to see whether that is possible. */
const PROBE = 'plaza-probe';
/** From either end of the records. */
const SAMPLE = 10;

const markSchema = z.object({
  server: z.string().regex(/^[0-9a-f]{64}$/),
  since: z.number(),
  complete: z.boolean(),
});

/** Whose files a store holds. It lies in the store, so that whoever opens the wrong one notices. */
export interface StoreMark {
  /** Public key of the server in hexadecimal. */
  readonly server: string;
  /** Unix seconds of when the store became this server's. */
  readonly since: number;
  /** False while files are still being moved here. */
  readonly complete: boolean;
}

/** The file store is not the one that this server needs. The text says what to do. */
export class FileStoreError extends OperatorError {
  override name = 'FileStoreError';
}

/** What a store is held against. */
export interface StoreOwner {
  inventory: FileInventoryRepository;
  /** Public key in hexadecimal. */
  server: string;
  now: number;
}

/** Undefined when there is none. Throws {@link FileStoreError} for one of another server, or that makes no sense. */
export async function readMark(blobs: BlobStore, server: string): Promise<StoreMark | undefined> {
  const text = await blobs.readNote(MARK);
  if (text === undefined) return undefined;
  const mark = markSchema.safeParse(jsonIn(text));
  if (!mark.success)
    throw new FileStoreError(
      `The file store ${blobs.url} has a mark (${MARK}) that cannot be understood. Is it another program's?`,
    );
  if (mark.data.server !== server)
    throw new FileStoreError(
      `The file store ${blobs.url} belongs to another server, the one with the key ${mark.data.server}. Give this one a folder or prefix of its own in FILES_URL.`,
    );
  return mark.data;
}

export async function writeMark(blobs: BlobStore, mark: StoreMark): Promise<void> {
  await blobs.writeNote(MARK, `${JSON.stringify(mark)}\n`);
}

export async function removeMark(blobs: BlobStore): Promise<void> {
  await blobs.removeNote(MARK);
}

/**
 * At the start of a server: makes sure that the store works, and that it is this server's; a new one becomes it.
 * Throws an {@link OperatorError} that says what to do.
 */
export async function claimFileStore(blobs: BlobStore, owner: StoreOwner): Promise<void> {
  const mark = await readMark(blobs, owner.server);
  if (mark && !mark.complete)
    throw new FileStoreError(
      `The file store ${blobs.url} is not complete: files are still being moved to it, or this was broken off. Set FILES_URL back to where they came from, and let plaza files move run to its end.`,
    );
  if (!mark && !(await looksOwn(blobs, owner))) {
    const { files } = await owner.inventory.totals(owner.now);
    throw new FileStoreError(
      `The file store ${blobs.url} is not the one of this server: ${files} files are recorded, and of those looked for none is there. Is the disk mounted, and is FILES_URL right? If the files are lost for good, run: plaza files adopt`,
    );
  }
  await probe(blobs);
  if (!mark) await writeMark(blobs, { server: owner.server, since: owner.now, complete: true });
}

/** On an operator's word: the store is this server's as it is. Throws for another server's. */
export async function adoptFileStore(
  blobs: BlobStore,
  { server, now }: Omit<StoreOwner, 'inventory'>,
): Promise<void> {
  await readMark(blobs, server);
  await probe(blobs);
  await writeMark(blobs, { server, since: now, complete: true });
}

/** Whether a store without a mark holds what is recorded: of a sample, any. With nothing recorded, any store will do. */
export async function looksOwn(blobs: BlobStore, { inventory, now }: StoreOwner): Promise<boolean> {
  const sample = await inventory.ends(now, SAMPLE);
  const sizes = await Promise.all(sample.map(({ id }) => blobs.sizeOf(id)));
  return sample.length === 0 || sample.some(({ size }, at) => sizes[at] === size);
}

async function probe(blobs: BlobStore): Promise<void> {
  await blobs.writeNote(PROBE, '');
  await blobs.removeNote(PROBE);
}
