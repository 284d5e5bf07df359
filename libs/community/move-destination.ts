import type { BlobStore } from '../storage/blob-store.js';
import { FileStoreError, looksOwn, readMark, writeMark, type StoreOwner } from './file-store-mark.js';

const SAMENESS_PROBE = 'plaza-move-probe';

/**
 * Makes a new destination this server's, with a mark that says that it is not complete; one that is already stays as it
 * is. Throws {@link FileStoreError} for another server's, for files of nobody knows whom, and for the source itself.
 */
export async function prepareDestination(to: BlobStore, from: BlobStore, owner: StoreOwner): Promise<void> {
  const mark = await readMark(to, owner.server);
  await refuseSame(from, to);
  if (mark) return;
  if (!(await isEmpty(to)) && !(await looksOwn(to, owner)))
    throw new FileStoreError(
      `There are files in ${to.url} already, and they are not this server's. Choose an empty folder or prefix.`,
    );
  await writeMark(to, { server: owner.server, since: owner.now, complete: false });
}

/** From now on a server may start there. What was complete before keeps its age. */
export async function completeDestination(
  to: BlobStore,
  { server, now }: Pick<StoreOwner, 'server' | 'now'>,
): Promise<void> {
  const mark = await readMark(to, server);
  if (mark && !mark.complete) await writeMark(to, { ...mark, since: now, complete: true });
}

/** One store under two names would be emptied as the source of itself. Throws {@link FileStoreError}. */
export async function refuseSame(from: BlobStore, to: BlobStore): Promise<void> {
  const text = `${process.pid} ${Math.random()}`;
  await to.writeNote(SAMENESS_PROBE, text);
  const isSame = (await from.readNote(SAMENESS_PROBE)) === text;
  await to.removeNote(SAMENESS_PROBE);
  if (isSame) throw new FileStoreError(`${from.url} and ${to.url} are one and the same store.`);
}

async function isEmpty(store: BlobStore): Promise<boolean> {
  for await (const page of store.list()) return page.length === 0;
  return true;
}
