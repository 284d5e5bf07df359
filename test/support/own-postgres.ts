import { makeDataFolder } from '../../libs/storage/data-folder.js';
import { EmbeddedPostgres } from '../../libs/storage/embedded-postgres.js';
import { freshFolder } from './kept-processes.js';

/** An operator's own PostgreSQL, as far as a server with DATABASE_URL can tell. Whoever starts it stops it. */
export async function startOwnPostgres(): Promise<EmbeddedPostgres> {
  const folder = freshFolder();
  await makeDataFolder(folder);
  return EmbeddedPostgres.start(folder);
}
