import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { PlazaProcess } from './plaza-process.js';
import { connect } from './scratch-database.js';

/** What a running server keeps, to see that a refused request left nothing behind. */
export class StoredState {
  private constructor(
    private readonly dataDir: string,
    private readonly database: Client,
  ) {}

  static async of({ dataDir }: Pick<PlazaProcess, 'dataDir'>): Promise<StoredState> {
    const run = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as { databaseUrl: string };
    return new StoredState(dataDir, await connect(run.databaseUrl));
  }

  close(): Promise<void> {
    return this.database.end();
  }

  /** A digest of each table and the names of all files, without what is written about activity on the side, at any time. */
  async read(): Promise<Record<string, unknown>> {
    const { rows: tables } = await this.database.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'
       AND table_type = 'BASE TABLE' AND table_name NOT IN ('room_activity', 'statistics') ORDER BY 1`,
    );
    const digests = tables.map(
      ({ name }) => `SELECT '${name}' AS name, count(*) || ' rows ' || coalesce(md5(string_agg(
        (to_jsonb(t) - 'last_active_at' - 'active_users')::text, ',' ORDER BY to_jsonb(t)::text)), '') AS content
        FROM ${name} AS t`,
    );
    const { rows } = await this.database.query<{ name: string; content: string }>(
      digests.join(' UNION ALL '),
    );
    return {
      ...Object.fromEntries(rows.map(({ name, content }) => [name, content])),
      files: readdirSync(join(this.dataDir, 'files'), { recursive: true }).sort(),
    };
  }
}
