import { registerHooks } from 'node:module';

/** The one PostgreSQL of a test run. */
interface ScratchPostgres {
  folder: string;
  stop(): Promise<void>;
}

let running: ScratchPostgres | undefined;

// Node itself loads this file (Jest's resolver serves specs only), and does not know that our ./x.js is x.ts.
registerHooks({
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (!/^\.{1,2}\/.*\.js$/.test(specifier)) throw error;
      return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
});

/** Jest's globalSetup. */
export default async function startScratchPostgres(): Promise<void> {
  const { EmbeddedPostgres } = await import('../../libs/storage/embedded-postgres.js');
  const { migrate } = await import('../../libs/storage/migrations.js');
  const { MIGRATIONS_FOLDER } = await import('../../libs/storage/database-server.js');
  const { scratchFolder } = await import('./scratch-folder.js');
  const { forgetDurability } = await import('./scratch-database.js');
  const { SCRATCH_URL } = await import('./scratch-settings.js');

  const folder = await scratchFolder();
  const postgres = await EmbeddedPostgres.start(folder);
  running = { folder, stop: () => postgres.stop() };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stopScratchPostgres().finally(() => process.exit(1)));

  try {
    await forgetDurability(postgres.url);
    await migrate(postgres.url, MIGRATIONS_FOLDER);
  } catch (error) {
    await stopScratchPostgres(); // Jest calls no teardown when the setup fails
    throw error;
  }
  process.env[SCRATCH_URL] = postgres.url;
}

export async function stopScratchPostgres(): Promise<void> {
  const stopping = running;
  running = undefined;
  await stopping?.stop();
  const { removeFolder } = await import('./scratch-folder.js');
  if (stopping) await removeFolder(stopping.folder);
}
