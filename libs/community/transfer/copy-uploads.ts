import type { BlobStore, BlobStream } from '../../storage/blob-store.js';
import { TransferStoppedError } from './table-copier.js';

const AT_ONCE = 8;

/** Bytes to be put under an id. */
export interface Upload {
  id: number;
  size: number;
  open(): Promise<BlobStream>;
}

/**
 * Copies files into a store, several at once. Where the copying `isResumed`, those that are there in the right size are
 * passed over; elsewhere they are what somebody else left under that id.
 */
export async function copyUploads(
  uploads: AsyncIterable<Upload>,
  blobs: BlobStore,
  {
    isResumed,
    signal,
    onFile,
  }: {
    isResumed: boolean;
    signal?: AbortSignal | undefined;
    onFile?: ((bytes: number) => void) | undefined;
  },
): Promise<void> {
  const queue = uploads[Symbol.asyncIterator]();
  let isFailed = false;
  const worker = async (): Promise<void> => {
    for (;;) {
      const { done, value: upload } = await queue.next();
      if (done || isFailed) return;
      if (signal?.aborted) throw new TransferStoppedError('Stopped.');
      if (!isResumed || (await blobs.sizeOf(upload.id)) !== upload.size)
        await blobs.putStream(upload.id, { ...(await upload.open()), size: upload.size });
      onFile?.(upload.size);
    }
  };
  const workers = Array.from({ length: AT_ONCE }, () =>
    worker().catch((error: unknown) => {
      isFailed = true;
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(workers)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
