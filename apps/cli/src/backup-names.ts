import { readdir, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

const ENDING = '.plaza-backup';
const NAME = /^plaza-\d{4}-\d\d-\d\dT\d{6}Z\.plaza-backup$/;
const PARTIAL = /^plaza-\d{4}-\d\d-\d\dT\d{6}Z\.plaza-backup\.partial$/;

/** `plaza-2026-11-24T183000Z.plaza-backup`: sorted by name they are sorted by age. */
export const backupName = (now: Date): string =>
  `plaza-${now.toISOString().slice(0, 19).replace(/:/g, '')}Z${ENDING}`;

/** Whether an operator means a folder of backups rather than a file. */
export async function isFolder(path: string): Promise<boolean> {
  return path.endsWith(sep) || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false);
}

/**
 * Leaves the newest `keep` backups in a folder, and nothing of those that were broken off; other files stay. Returns the
 * names of what was removed. Only after a new one is there.
 */
export async function rotateBackups(folder: string, keep: number): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  const old = names.filter((name) => NAME.test(name)).slice(0, -keep);
  const spare = [...old, ...names.filter((name) => PARTIAL.test(name))];
  for (const name of spare) await rm(join(folder, name), { force: true });
  return spare;
}
