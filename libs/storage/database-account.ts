import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

const run = promisify(execFile);
const ACCOUNT = 'postgres';
const ENTER_BY_OTHERS = 0o001;

export interface DatabaseAccount {
  uid: number;
  gid: number;
}

/**
 * Whom the bundled PostgreSQL runs as: ourselves (undefined), or, since it refuses to run as root, the system
 * account `postgres`, which is made when it is missing.
 */
export async function databaseAccount(): Promise<DatabaseAccount | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const known = await lookUp();
  if (known) return known;
  try {
    await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', ACCOUNT]);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root, and the account "${ACCOUNT}" could not be made: ${(error as Error).message}. Start Plaza as an ordinary user.`,
    );
  }
  return lookUp();
}

async function lookUp(): Promise<DatabaseAccount | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, ACCOUNT])));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    return undefined;
  }
}

/** Throws, naming the folder, when the account could not enter one of the folders above `path`. */
export async function refuseUnreachableFolder(
  path: string,
  account: DatabaseAccount | undefined,
): Promise<void> {
  if (!account) return;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid } = await stat(folder);
    if (uid !== account.uid && (mode & ENTER_BY_OTHERS) === 0)
      throw new EmbeddedPostgresError(
        `PostgreSQL does not run as root, so it runs as "${ACCOUNT}", who cannot enter ${folder}. ` +
          `Start Plaza as an ordinary user, or move it and its data below a folder that others may enter (chmod o+x), or set DATABASE_URL.`,
      );
    if (folder === dirname(folder)) return;
  }
}
