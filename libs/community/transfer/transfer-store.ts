import type { BlobStore } from '../../storage/blob-store.js';
import { FileStoreError, readMark, writeMark } from '../file-store-mark.js';

/**
 * Makes an empty file store that of the server whose files are coming; until {@link completeStore} no server starts
 * there. One that is that server's already stays as it is. Throws {@link FileStoreError} for any other.
 */
export async function claimStoreForTransfer(
  blobs: BlobStore,
  { server, now }: { server: string; now: number },
): Promise<void> {
  if (await readMark(blobs, server)) return;
  for await (const page of blobs.list())
    if (page.length > 0)
      throw new FileStoreError(
        `There are files in ${blobs.url} already, and nobody knows whose. Choose an empty folder or prefix in FILES_URL.`,
      );
  await writeMark(blobs, { server, since: now, complete: false });
}

export async function completeStore(
  blobs: BlobStore,
  { server, now }: { server: string; now: number },
): Promise<void> {
  const mark = await readMark(blobs, server);
  if (!mark?.complete) await writeMark(blobs, { server, since: now, complete: true });
}
