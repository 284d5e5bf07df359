import { PostgresSogsSource } from './postgres-sogs-source.js';
import type { SogsSource } from './sogs-source.js';
import { SqliteSogsSource } from './sqlite-sogs-source.js';

/** `database`: the path of a SQLite file, or a URL as the reference's `sogs.ini` has it (sqlite:///…, postgresql://…). */
export const openSogsSource = (database: string): Promise<SogsSource> =>
  /^postgres(?:ql)?:\/\//.test(database)
    ? PostgresSogsSource.open(database)
    : SqliteSogsSource.open(database.replace(/^sqlite:\/\/\//, ''));
