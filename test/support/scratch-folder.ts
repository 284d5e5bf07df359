import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCRATCH_ROOT } from './scratch-settings.js';

/** A new folder that PostgreSQL's account may pass through, as that is not ours when the tests run as root. */
export async function scratchFolder(): Promise<string> {
  const root = process.env[SCRATCH_ROOT] ?? tmpdir();
  const folder = await mkdtemp(join(root, 'plaza-scratch-'));
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  return folder;
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
