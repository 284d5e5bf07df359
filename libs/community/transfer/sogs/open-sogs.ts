import { openSogsSource } from '../../../storage/sogs/open-sogs-source.js';
import { sogsQueries, type SogsQueries } from '../../../storage/sogs/sogs-queries.js';
import { SogsSchema } from '../../../storage/sogs/sogs-schema.js';
import type { SogsSource } from '../../../storage/sogs/sogs-source.js';
import { SogsUploads } from '../../../storage/sogs/sogs-uploads.js';

/** A server of the reference as it is found: nothing in it is ever written. */
export interface Sogs {
  source: SogsSource;
  queries: SogsQueries;
  uploads: SogsUploads | undefined;
  /** Tables and columns that this version does not have yet. */
  lacking: string[];
}

/** Throws SogsSourceError for what is no database of the reference server, version 0.3. */
export async function openSogs({
  database,
  uploads,
}: {
  database: string;
  uploads?: string | undefined;
}): Promise<Sogs> {
  const source = await openSogsSource(database);
  try {
    const schema = SogsSchema.recognise(await source.columns());
    return {
      source,
      queries: sogsQueries(schema),
      uploads: uploads === undefined ? undefined : new SogsUploads(uploads),
      lacking: schema.lacking,
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}
