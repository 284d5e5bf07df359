import './scratch-typescript.cjs'; // first: Node itself loads this file, not Jest's resolver
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataFolder } from '../../libs/storage/data-folder.js';
import { MIGRATIONS_FOLDER } from '../../libs/storage/database-server.js';
import { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { migrate } from '../../libs/storage/migrations.js';
import { forgetDurability } from './scratch-database.js';
import { removeFolder, scratchFolder } from './scratch-folder.js';
import { SCRATCH_ROOT, SCRATCH_URL } from './scratch-settings.js';

const LAST_MOMENTS_MS = 500;

/** The one PostgreSQL of a test run, and the folder of everything in it. */
let running: { root: string; postgres: EmbeddedPostgres } | undefined;

/** Jest's globalSetup. */
export default async function startScratchPostgres(): Promise<void> {
  const root = await scratchFolder();
  endWithThisProcess(root);
  const dataDir = join(root, 'shared');
  await makeDataFolder(dataDir);
  const postgres = await EmbeddedPostgres.start(dataDir);
  running = { root, postgres };
  try {
    await forgetDurability(postgres.url);
    await migrate(postgres.url, MIGRATIONS_FOLDER);
  } catch (error) {
    await stopScratchPostgres(); // Jest calls no teardown when the setup fails
    throw error;
  }
  process.env[SCRATCH_ROOT] = root;
  process.env[SCRATCH_URL] = postgres.url;
}

export async function stopScratchPostgres(): Promise<void> {
  const stopping = running;
  running = undefined;
  await stopping?.postgres.stop();
  if (stopping) await removeFolder(stopping.root);
}

/** A run that is cut off leaves no database behind, its specs' own ones neither. */
function endWithThisProcess(root: string): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    const pids = postmastersIn(root);
    for (const pid of pids) process.kill(pid, 'SIGQUIT');
    if (pids.length > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_MOMENTS_MS);
    rmSync(root, { recursive: true, force: true });
  });
}

function postmastersIn(root: string): number[] {
  try {
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('postmaster.pid'))
      .map((path) => Number.parseInt(readFileSync(join(root, path), 'utf8'), 10))
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(root));
  } catch {
    return []; // all was stopped and removed, as it should be
  }
}
