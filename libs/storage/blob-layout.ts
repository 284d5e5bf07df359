const FOLDERS = 256;

/**
 * `d2/1234`: the last byte of the id in hexadecimal, then the id. Few enough names per folder for every file system, an
 * even spread for S3, and the same in both, so that other programs can copy a store too.
 */
export function blobPath(id: number): string {
  if (!Number.isSafeInteger(id) || id < 0) throw new RangeError('a blob id is a non-negative integer');
  return `${folderOf(id)}/${id}`;
}

/** Undefined for a path that {@link blobPath} does not make: whatever lies there is not ours. */
export function blobIdOf(path: string): number | undefined {
  const [, folder, digits] = /^([0-9a-f]{2})\/(0|[1-9]\d{0,15})$/.exec(path) ?? [];
  const id = Number(digits);
  return Number.isSafeInteger(id) && folder === folderOf(id) ? id : undefined;
}

export const isBlobFolder = (name: string): boolean => /^[0-9a-f]{2}$/.test(name);

const folderOf = (id: number): string => (id % FOLDERS).toString(16).padStart(2, '0');
