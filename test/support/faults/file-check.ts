import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../scratch-database.js';
import type { FaultStack } from './embedded-stack.js';

const SWEEP_MS_MAX = 60_000;
const MARK = 'plaza.json';

/** Complaints about files once a sweep went over them; tells how many had lost their record before. */
export async function checkFiles(
  stack: FaultStack,
  forgetPlan: () => Promise<unknown>,
): Promise<{ complaints: string[]; orphans: number }> {
  const before = await apart(stack);
  const complaints = before.hollow.map((id) => `file ${id} has a record and no bytes`);
  // As if they had lain there for long, and the hour of the sweep had come.
  for (const path of stored(stack)) utimesSync(join(stack.filesFolder, path), 1, 1);
  await forgetPlan();
  for (const late = performance.now() + SWEEP_MS_MAX; ; await delay(200)) {
    const { orphans } = await apart(stack);
    if (orphans.length === 0) return { complaints, orphans: before.orphans.length };
    if (performance.now() < late) continue;
    complaints.push(`bytes without a record after a sweep: ${orphans}`);
    return { complaints, orphans: before.orphans.length };
  }
}

/** Bytes without a record, drafts among them, and records of files to be had without bytes. */
async function apart(stack: FaultStack): Promise<{ orphans: string[]; hollow: number[] }> {
  const database = await connect(stack.databaseUrl);
  try {
    const paths = stored(stack);
    const { rows } = await database.query<{ id: number; lives: boolean }>(
      'SELECT id, coalesce(expires_at > extract(epoch FROM now()), true) AS lives FROM files',
    );
    const known = new Set(rows.map(({ id }) => pathOf(id)));
    const present = new Set(paths);
    return {
      orphans: paths.filter((path) => !known.has(path)),
      hollow: rows.filter(({ id, lives }) => lives && !present.has(pathOf(id))).map(({ id }) => id),
    };
  } finally {
    await database.end();
  }
}

const pathOf = (id: number): string => join((id % 256).toString(16).padStart(2, '0'), String(id));

function stored({ filesFolder }: FaultStack): string[] {
  if (!existsSync(filesFolder)) return [];
  return readdirSync(filesFolder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile() && entry.name !== MARK)
    .map((entry) => join(entry.parentPath, entry.name).slice(filesFolder.length + 1));
}
