import { chmod, link, mkdir, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorError } from '../protocol/operator-error.js';

const KEY_BYTES = 32;
const OWNER_ONLY = 0o400;
const OTHERS = 0o077;
/** Of a file that root owns and lends to our group, which is how Kubernetes hands out secrets. */
const OTHERS_WHEN_LENT = 0o037;

/** The server's key file is not what it should be. The text says what to do. */
export class KeyFileError extends OperatorError {
  override name = 'KeyFileError';
}

/**
 * The server's private key: a file of exactly 32 raw bytes (protocol.md §1). Undefined when there is none.
 * Throws {@link KeyFileError} for another length, or when others than its owner may read it.
 */
export async function readKeyFile(path: string): Promise<Buffer | undefined> {
  let key: Buffer;
  try {
    key = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeyFileError(`The key file ${path} cannot be read: ${(error as Error).message}`);
  }
  if (key.length !== KEY_BYTES)
    throw new KeyFileError(
      `The key file ${path} has ${key.length} bytes; it must be the ${KEY_BYTES} raw bytes of the server's private key. Restore it from a backup.`,
    );
  const { mode, uid } = await stat(path);
  const isLent = uid === 0 && process.getuid?.() !== 0;
  if ((mode & (isLent ? OTHERS_WHEN_LENT : OTHERS)) !== 0)
    throw new KeyFileError(
      `The key file ${path} may be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 400 ${path}`,
    );
  return key;
}

/**
 * Makes the key file, readable by its owner alone. It is there whole or not at all, also after a power cut, and one
 * that is there is never replaced: of several servers that start at once on one folder, one makes it. Returns the
 * key that is in the file now.
 */
export async function makeKeyFile(path: string, key: Buffer): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true });
  const draft = await mkdtemp(`${path}.`);
  try {
    await writeDraft(join(draft, 'key'), key);
    await link(join(draft, 'key'), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
  return (await readKeyFile(path))!;
}

async function writeDraft(path: string, key: Buffer): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, OWNER_ONLY);
}
