import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** Passwords and addresses are short; a larger file is another one than was meant. */
const SECRET_FILE_BYTES_MAX = 64 * 1024;

/** Where the secrets of containers, Kubernetes and systemd are: `DATABASE_URL_FILE` names a file with DATABASE_URL. */
export const secretFileName = (setting: string): string => `${setting}_FILE`;

/** Where containers have secrets, for several accounts that are all ours. */
const OF_CONTAINERS = '/run/';
const EVERYBODY = 0o007;

/** A sentence for the operator when everybody on the machine may read (or write) a file with secrets. */
export function warningAboutMode(path: string, what: string): string | undefined {
  if (path.startsWith(OF_CONTAINERS)) return undefined;
  try {
    const { mode } = statSync(path);
    if ((mode & EVERYBODY) === 0) return undefined;
    const shown = (mode & 0o777).toString(8);
    return `${path} holds ${what} and may be read by everybody on this machine (mode ${shown}). Run: chmod 600 ${path}`;
  } catch {
    return undefined; // whoever reads it says so
  }
}

/** The text in a secret's file, or what is wrong with the file, to follow its name. Never says what is in there. */
export function readSecretFile(
  path: string,
  cwd: string,
): { text: string; file: string } | { problem: string } {
  const file = resolve(cwd, path);
  try {
    if (statSync(file).size > SECRET_FILE_BYTES_MAX)
      return { problem: `names ${file}, which is larger than ${SECRET_FILE_BYTES_MAX} bytes` };
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? { problem: `names ${file}, which is empty` } : { text, file };
  } catch (error) {
    return { problem: `names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
