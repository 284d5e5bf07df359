import { join } from 'node:path';
import type { Config } from '../../../libs/config/config.js';
import { hasDatabase, isCommunityBegun } from '../../../libs/storage/community-begun.js';
import {
  MIGRATIONS_FOLDER,
  reachDatabaseServer,
  type DatabaseServer,
} from '../../../libs/storage/database-server.js';
import { migrate, MigrationError } from '../../../libs/storage/migrations.js';
import { CommandError } from './command-error.js';

export interface Reached {
  server: DatabaseServer;
  /** Whether no community was here before. */
  isNew: boolean;
}

/**
 * The database of the community that the settings name. Where there is none, a command in the wrong folder would seem
 * to work on an empty one: so only a command that may begin one gets it (`mayBegin`), all others throw CommandError
 * and leave nothing behind.
 */
export async function reachCommunity(config: Config, { mayBegin }: { mayBegin: boolean }): Promise<Reached> {
  if (config.databaseUrl === undefined && !mayBegin && !hasDatabase(config.dataDir))
    throw noCommunity(config);
  const server = await reachDatabaseServer(config);
  try {
    const isNew = server.kind !== 'running' && !(await saying(server, () => isCommunityBegun(server.url)));
    if (isNew && !mayBegin) throw noCommunity(config);
    return { server, isNew };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Returns the migrations that were applied now. */
export const bringUpToDate = (server: DatabaseServer): Promise<string[]> =>
  saying(server, () => migrate(server.url, MIGRATIONS_FOLDER));

/** For people: where the community of the settings is. */
export const placeOfCommunity = ({ databaseUrl, dataDir }: Config): string =>
  databaseUrl === undefined ? dataDir : 'the database of DATABASE_URL';

const noCommunity = (config: Config): CommandError =>
  new CommandError(
    `There is no community in ${placeOfCommunity(config)} yet. If yours is elsewhere, say where with DATA_DIR or DATABASE_URL, ` +
      `in the environment or in ${join(process.cwd(), '.env')}; a new one begins with npm start.`,
  );

/** The first connection: an external database that is not there, or does not let us in, is no bug of ours. */
async function saying<Result>({ kind }: DatabaseServer, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (kind !== 'external' || error instanceof MigrationError) throw error;
    const { message, code } = error as NodeJS.ErrnoException;
    throw new CommandError(`The PostgreSQL of DATABASE_URL cannot be used: ${message || code}`);
  }
}
