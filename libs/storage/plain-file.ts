import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FilesUnavailableError } from './storage-errors.js';

/** A link would lead to any file of the computer, and opening a pipe would wait for its other end. */
const READ_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Where a file is expected there is a link, a folder or something else that is none; or it lies behind a link. */
export class NotPlainError extends FilesUnavailableError {
  override name = 'NotPlainError';
  constructor(path: string) {
    super(
      `${path} is a link or another thing than a file in a folder, and is not opened. Put the file itself there.`,
    );
  }
}

/** What files in a folder may be read as that may come from elsewhere: neither `path` nor a folder below `root` is a link. */
export interface PlainPath {
  /** May be a link itself: an operator names it. */
  root: string;
  /** From there on, without `..`. */
  path: string;
}

/** Throws {@link NotPlainError}, and what the operating system says where nothing is. */
export async function openPlain(place: PlainPath): Promise<{ file: FileHandle; size: number }> {
  const whole = join(place.root, place.path);
  await refuseLinkedFolders(place);
  const file = await open(whole, READ_PLAIN).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ELOOP' || error.code === 'EMLINK' ? new NotPlainError(whole) : error;
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new NotPlainError(whole);
    return { file, size: found.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Throws as {@link openPlain} does. */
export async function plainSize(place: PlainPath): Promise<number> {
  const whole = join(place.root, place.path);
  await refuseLinkedFolders(place);
  const found = await lstat(whole);
  if (!found.isFile()) throw new NotPlainError(whole);
  return found.size;
}

/** The folders between the two. Throws where one is none. */
export async function refuseLinkedFolders({ root, path }: PlainPath): Promise<void> {
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    const whole = join(root, folder);
    if (!(await lstat(whole)).isDirectory()) throw new NotPlainError(whole);
  }
}
