import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeDataFolder } from '../../libs/storage/data-folder.js';
import { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { forgetDurability } from './scratch-database.js';
import { removeFolder, scratchFolder } from './scratch-folder.js';

const run = promisify(execFile);

/** Data folders with a cluster that was made, started and stopped once: copying one is faster than initdb. */
export class ScratchClusters {
  private readonly running = new Set<EmbeddedPostgres>();

  private constructor(private readonly folder: string) {}

  static async prepare(): Promise<ScratchClusters> {
    const clusters = new ScratchClusters(await scratchFolder());
    const original = join(clusters.folder, 'original');
    await makeDataFolder(original);
    const postgres = await EmbeddedPostgres.start(original);
    await forgetDurability(postgres.url);
    await postgres.stop();
    return clusters;
  }

  /** A data folder of one's own; `name` may be a path. */
  async dataFolder(name: string): Promise<string> {
    const copy = join(this.folder, name);
    await makeDataFolder(join(copy, '..'));
    await run('cp', ['-a', join(this.folder, 'original'), copy]);
    return copy;
  }

  /** Like `EmbeddedPostgres.start`, but stopped by {@link stopAll}. */
  async start(dataDir: string): Promise<EmbeddedPostgres> {
    const postgres = await EmbeddedPostgres.start(dataDir);
    this.running.add(postgres);
    return postgres;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.running].map((postgres) => postgres.stop()));
    this.running.clear();
  }

  async remove(): Promise<void> {
    await this.stopAll();
    await removeFolder(this.folder);
  }
}
