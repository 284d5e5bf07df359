import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { DATA_FOLDER_LOCK } from './data-folder.js';

/** Whether there is an embedded database in a data folder, or somebody who may just be making one. */
export const hasDatabase = (dataDir: string): boolean =>
  existsSync(join(dataDir, 'postgres', 'PG_VERSION')) || existsSync(join(dataDir, DATA_FOLDER_LOCK));

/** Whether a community was ever begun in the database at `url`: it belongs to a key then. Changes nothing. */
export async function isCommunityBegun(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, application_name: 'plaza command' });
  client.on('error', () => undefined); // the query that is under way fails with it
  await client.connect();
  try {
    const { rows } = await client.query<{ isThere: boolean }>(
      `SELECT to_regclass('server_state') IS NOT NULL AS "isThere"`,
    );
    return rows[0]!.isThere && (await client.query('SELECT FROM server_state')).rowCount === 1;
  } finally {
    await client.end();
  }
}
